"""The objects of an application on a cluster: identity, ownership marks, order."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import orjson

OWNER_LABEL = "krake/application-uid"
"""Label on every object that Krake applied: the uid of the application."""
OWNER_ANNOTATION = "krake/application"
"""Annotation with namespace and name of the application, for people."""

_PHASES: tuple[frozenset[str], ...] = (
    frozenset({"Namespace"}),
    frozenset({"CustomResourceDefinition"}),
    frozenset(
        {
            "ConfigMap", "ClusterRole", "IngressClass", "LimitRange", "NetworkPolicy", "PersistentVolume",
            "PersistentVolumeClaim", "PodDisruptionBudget", "PriorityClass", "ResourceQuota", "Role",
            "RuntimeClass", "Secret", "ServiceAccount", "StorageClass",
        }
    ),
    frozenset({"ClusterRoleBinding", "RoleBinding"}),
    frozenset({"Service"}),
    frozenset({"CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "ReplicationController",
               "StatefulSet"}),
)  # fmt: skip


ObjectIdentity = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True, order=True)
class ObjectKey:
    """Identity of an object on a cluster. `namespace` is empty for cluster-scoped kinds."""

    api_version: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"

    @property
    def identity(self) -> ObjectIdentity:
        """Group, kind, namespace, name: an object stays the same when its manifest names another version."""
        return self.api_version.rpartition("/")[0], self.kind, self.namespace, self.name


def phase_of(kind: str) -> int:
    """When objects of a kind are applied: what others need comes first, unknown kinds last.

    The order follows Helm's install order, in fewer steps so that one step's objects go side by side.
    """
    for number, kinds in enumerate(_PHASES):
        if kind in kinds:
            return number
    return len(_PHASES)


def owned(manifest: dict[str, Any], uid: str, application: str, namespace: str | None) -> dict[str, Any]:
    """The manifest object as it is applied: with the owner's marks and its namespace filled in."""
    document = deepcopy(manifest)
    metadata = document["metadata"]
    metadata["labels"] = {**(metadata.get("labels") or {}), OWNER_LABEL: uid}
    metadata["annotations"] = {**(metadata.get("annotations") or {}), OWNER_ANNOTATION: application}
    if namespace:
        metadata["namespace"] = namespace
    else:
        metadata.pop("namespace", None)
    if document["kind"] == "Secret":
        _encode_string_data(document)
    return document


def _encode_string_data(secret: dict[str, Any]) -> None:
    """Write `stringData` as the `data` that the API server makes of it.

    It would manage fields that are nowhere, and others could change the real ones unseen.
    """
    texts = secret.get("stringData")
    if isinstance(texts, dict) and all(isinstance(text, str) for text in texts.values()):
        encoded = {key: b64encode(text.encode()).decode() for key, text in texts.items()}
        secret["data"] = {**(secret.get("data") or {}), **encoded}
        del secret["stringData"]


def field_manager(uid: str) -> str:
    """Who manages an application's objects, to the API server.

    Each application is a manager of its own, so that the API server itself refuses the second of two that
    name the same object at the same moment.
    """
    return f"krake-{uid}"


def fingerprint(document: dict[str, Any]) -> str:
    """A digest of the fields that Krake owns in a live object; it changes when somebody else takes one over.

    Source: managedFields of server-side apply,
    https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
    """
    metadata = document.get("metadata", {})
    manager = field_manager((metadata.get("labels") or {}).get(OWNER_LABEL, ""))
    fields = [
        entry.get("fieldsV1")
        for entry in metadata.get("managedFields", [])
        if entry.get("manager") == manager and entry.get("operation") == "Apply"
    ]
    return hashlib.sha256(orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def key_of(document: dict[str, Any]) -> ObjectKey:
    """The identity of a live object."""
    metadata = document.get("metadata", {})
    return ObjectKey(
        document.get("apiVersion", ""),
        document.get("kind", ""),
        metadata.get("namespace", ""),
        metadata["name"],
    )

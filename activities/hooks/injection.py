"""What hooks add to the objects of an application: pure functions from manifest to manifest.

Only what is missing is added: an environment variable, volume or mount of the same name, and a Secret of the
same name in the manifest, are the user's and stay as they are.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from activities.hooks.names import certificate_secret_name, token_secret_name, volume_name
from krake.hooks.certificates import Issued
from krake.hooks.options import HookOptions
from krake.models.hooks import HookName

Document = dict[str, Any]

_TEMPLATE = ("spec", "template", "spec")
_PODS: dict[tuple[str, str], tuple[str, ...]] = {
    ("", "Pod"): ("spec",),
    ("", "ReplicationController"): _TEMPLATE,
    ("apps", "Deployment"): _TEMPLATE,
    ("apps", "ReplicaSet"): _TEMPLATE,
    ("apps", "StatefulSet"): _TEMPLATE,
    ("apps", "DaemonSet"): _TEMPLATE,
    ("batch", "Job"): _TEMPLATE,
    ("batch", "CronJob"): ("spec", "jobTemplate", *_TEMPLATE),
}
"""Where each kind of object keeps the description of its Pods."""


@dataclass(frozen=True, slots=True)
class Injection:
    """One hook of one copy of an application, with everything that its containers are given."""

    hook: HookName
    application: str
    options: HookOptions
    token: str
    url: str
    certificate: Issued | None = None
    bundle: str = ""
    """CA certificates that the API is verified with; comes with the certificate."""

    def secrets(self) -> Iterator[Document]:
        """The Secrets that the containers read, without a namespace."""
        values = {self.options.env_token.lower(): self.token, self.options.env_url.lower(): self.url}
        yield _secret(token_secret_name(self.application, self.hook), values)
        if self.certificate is not None:
            files = {
                "ca-bundle.pem": self.bundle,
                "cert.pem": self.certificate.cert,
                "key.pem": self.certificate.key,
            }
            yield _secret(certificate_secret_name(self.application, self.hook), files)

    def into(self, pod: Document) -> None:
        """Add what the hook needs to the description of Pods."""
        if self.certificate is not None:
            secret = {"secretName": certificate_secret_name(self.application, self.hook)}
            volume = {"name": volume_name(self.application, self.hook), "secret": secret}
            _add(pod, "volumes", volume, "name")
        for container in _served(pod):
            for name in (self.options.env_token, self.options.env_url):
                source = {"name": token_secret_name(self.application, self.hook), "key": name.lower()}
                _add(container, "env", {"name": name, "valueFrom": {"secretKeyRef": source}}, "name")
            if self.certificate is not None:
                mount = {
                    "name": volume_name(self.application, self.hook),
                    "mountPath": self.options.cert_dest,
                    "readOnly": True,
                }
                _add(container, "volumeMounts", mount, "mountPath")


def inject(manifest: list[Document], injections: list[Injection], default_namespace: str) -> list[Document]:
    """The manifest with hooks: their Secrets first, in every namespace that has Pods, then its objects.

    Args:
        manifest: the application's objects; left as they are.
        injections: the hooks that the application asks for.
        default_namespace: where objects go that name no namespace.
    """
    if not injections:
        return manifest
    changed = deepcopy(manifest)
    namespaces: dict[str, None] = {}
    for document in changed:
        pod = pod_of(document)
        if pod is None:
            continue
        namespaces[document["metadata"].get("namespace") or default_namespace] = None
        for injection in injections:
            injection.into(pod)
    taken = {_address(document, default_namespace) for document in changed if document["kind"] == "Secret"}
    added = [
        {**secret, "metadata": {**secret["metadata"], "namespace": namespace}}
        for namespace in namespaces
        for injection in injections
        for secret in injection.secrets()
    ]
    return [secret for secret in added if _address(secret, default_namespace) not in taken] + changed


def pod_of(document: Document) -> Document | None:
    """The description of the Pods that an object stands for; None where it stands for none."""
    group = str(document["apiVersion"]).rpartition("/")[0]
    path = _PODS.get((group, str(document["kind"])))
    found: Any = document if path else None
    for key in path or ():
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else None


def _served(pod: Document) -> Iterator[Document]:
    """The containers that run as long as the Pod does: the ordinary ones, and sidecars.

    Other init containers end before the application starts, and have no business with its tokens.
    """
    for container in pod.get("initContainers") or []:
        if isinstance(container, dict) and container.get("restartPolicy") == "Always":
            yield container
    for container in pod.get("containers") or []:
        if isinstance(container, dict):
            yield container


def _add(owner: Document, field: str, entry: Document, key: str) -> None:
    """Add an entry to a list unless one of the same identity is there."""
    present = owner.get(field) or []
    if isinstance(present, list) and all(_key(item, key) != _key(entry, key) for item in present):
        owner[field] = [*present, entry]


def _key(item: Any, key: str) -> str:
    return str(item.get(key, "")).rstrip("/") if isinstance(item, dict) else ""


def _secret(name: str, values: dict[str, str]) -> Document:
    data = {key: b64encode(value.encode()).decode() for key, value in values.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "type": "Opaque", "data": data}


def _address(document: Document, default_namespace: str) -> tuple[str, str]:
    metadata = document["metadata"]
    return metadata.get("namespace") or default_namespace, metadata["name"]

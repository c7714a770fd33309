"""The secret part of a resource: kept encrypted beside it, shown as a placeholder."""

from __future__ import annotations

from typing import Any

import orjson

from krake.models.clouds import CLOUD_SECRETS
from krake.models.infrastructure import INFRASTRUCTURE_SECRETS
from krake.models.kinds import CLOUDS, CLUSTER, INFRASTRUCTURE_PROVIDERS, METRICS_PROVIDERS, PROJECT, Kind
from krake.models.kubeconfig import REDACTED, redact, restore
from krake.models.openstack import PROJECT_SECRETS
from krake.models.providers import SECRET_FIELD as PROVIDER
from krake.models.providers import redact_provider, restore_provider
from krake.models.secret_fields import SecretFields
from krake.validation import InvalidDocumentError

SPEC = "spec"
"""The name under which the whole spec of a cloud, an infrastructure provider or a project is stored."""
KUBECONFIG = "kubeconfig"
"""The field of a cluster's spec that carries secrets, and the name under which they are stored."""

Document = dict[str, Any]

_FIELDS = {
    **dict.fromkeys((kind.name for kind in CLOUDS), CLOUD_SECRETS),
    **dict.fromkeys((kind.name for kind in INFRASTRUCTURE_PROVIDERS), INFRASTRUCTURE_SECRETS),
    PROJECT.name: PROJECT_SECRETS,
}
"""The secret fields by kind, where they have fixed places."""


def secret_field(kind: Kind) -> str:
    """The name under which the secret of a kind's resources is stored; kinds without have a name too."""
    if kind.name in _FIELDS:
        return SPEC
    return PROVIDER if kind in METRICS_PROVIDERS else KUBECONFIG


def split(kind: Kind, spec: Document, stored: bytes | None) -> tuple[Document, bytes | None]:
    """The spec as it may be shown, and what has to be kept secret; None for kinds without secrets.

    Args:
        kind: the kind of the resource.
        spec: the spec as the user sent it, with placeholders where a secret stays as it is.
        stored: the secret that is kept now; None for a new resource.

    Raises:
        InvalidDocumentError: a placeholder stands for a secret that is not known or must not be reused.
    """
    known: Document = orjson.loads(stored) if stored else {}
    if kind.name in _FIELDS:
        fields = _FIELDS[kind.name]
        full = _restored_fields(fields, spec, known)
        return fields.redact(full), _dumped(full)
    if kind in METRICS_PROVIDERS:
        full = _restored_provider(spec, known)
        return redact_provider(full), _dumped(full)
    if kind is CLUSTER and not spec[KUBECONFIG]:
        # Krake makes it, and fetched what is stored itself.
        return spec, stored
    if kind is CLUSTER:
        full = _restored(spec[KUBECONFIG], known)
        return {**spec, KUBECONFIG: redact(full)}, _dumped(full)
    return spec, None


def _dumped(secret: Document) -> bytes:
    return orjson.dumps(secret, option=orjson.OPT_SORT_KEYS)


def _restored_fields(fields: SecretFields, spec: Document, known: Document) -> Document:
    try:
        return fields.restore(spec, known)
    except ValueError as error:
        # What has no type of its own has one way to sign in or another.
        raise InvalidDocumentError.of(f"spec.{spec.get('type', 'auth')}", str(error)) from None


def _restored_provider(spec: Document, known: Document) -> Document:
    try:
        return restore_provider(spec, known)
    except ValueError as error:
        raise InvalidDocumentError.of(f"spec.{spec['type']}", str(error)) from None


def _restored(kubeconfig: Document, known: Document) -> Document:
    path = f"spec.{KUBECONFIG}"
    if known and _has_placeholder(kubeconfig) and kubeconfig["clusters"] != known["clusters"]:
        # Whoever may change the address but does not know the credentials must not have them sent there.
        raise InvalidDocumentError.of(
            f"{path}.clusters",
            f"The address or its certificate changes: send the credentials too, not {REDACTED}",
        )
    try:
        return restore(kubeconfig, known)
    except ValueError as error:
        raise InvalidDocumentError.of(path, str(error)) from None


def _has_placeholder(kubeconfig: Document) -> bool:
    return any(REDACTED in entry.get("user", {}).values() for entry in kubeconfig["users"])

"""Server-side apply of one object, and removal of one object."""

from __future__ import annotations

from typing import Any

from activities.kubernetes.connections import Access
from activities.kubernetes.discovery import ServedKind
from activities.kubernetes.errors import ClusterError
from activities.kubernetes.objects import OWNER_LABEL, ObjectKey, field_manager, fingerprint, owned
from activities.kubernetes.observed_fields import ObservedFields, observe
from activities.kubernetes.restoring import Observing, restore
from krake.messages.base import Target
from krake.models.application import ObjectStatus
from krake.models.reasons import ReasonCode

APPLY = "application/apply-patch+yaml"


async def apply_object(
    access: Access,
    served: ServedKind,
    key: ObjectKey,
    manifest: dict[str, Any],
    target: Target,
    *,
    known: bool,
    observing: Observing | None = None,
) -> ObjectStatus:
    """Apply one object and return how the cluster stored it.

    The first time, fields that somebody else manages are not taken over: an object of the same name that is
    not ours is reported instead of changed. With an observer schema, the fields that it names are put right
    and remembered, too.

    Raises:
        ClusterError: with the object's name in its message.
    """
    stranger = access.cache.owner_of(key)
    if stranger and stranger != target.uid:
        raise ClusterError(
            ReasonCode.INVALID_RESOURCE,
            f"{key}: another application of Krake has this object",
            temporary=False,
        )
    document = owned(manifest, target.uid, f"{target.namespace}/{target.name}", key.namespace or None)
    path = served.path(key.namespace, key.name)
    answer = await _patch(access, key, path, document, target, known=known)
    observed = ObservedFields()
    if observing is not None:
        answer = await restore(access, path, field_manager(target.uid), document, observing, answer)
        observed = observe(observing.schema, answer)
    metadata = answer["metadata"]
    return ObjectStatus(
        api_version=key.api_version,
        kind=key.kind,
        namespace=key.namespace or None,
        name=key.name,
        uid=metadata["uid"],
        generation=metadata.get("generation", 0),
        fingerprint=fingerprint(answer),
        observed_fields=dict(observed.values),
        unbounded_lists=list(observed.unbounded),
    )


async def _patch(
    access: Access, key: ObjectKey, path: str, document: dict[str, Any], target: Target, *, known: bool
) -> Any:
    """Send the object and return how the cluster stored it."""
    query = {
        "fieldManager": field_manager(target.uid),
        "fieldValidation": "Strict",
        "force": "true" if known else "false",
    }
    try:
        return await access.connection.request("PATCH", path, query=query, body=document, content_type=APPLY)
    except ClusterError as error:
        if error.not_found:
            await access.discovery.check(key.api_version, key.kind)
        raise _named(error, key, known=known) from error


def _named(error: ClusterError, key: ObjectKey, *, known: bool) -> ClusterError:
    message = f"{key}: {error.message}"
    if error.status == 404:
        message = f"{key}: {error.message}; create it, or add it to the manifest"
    if error.status == 409 and not known:
        message = f"{key} is there already and managed by somebody else: {error.message}"
        return ClusterError(ReasonCode.INVALID_RESOURCE, message, temporary=False, status=409)
    return ClusterError(error.code, message, temporary=error.temporary, status=error.status)


async def remove_object(access: Access, item: ObjectStatus, owner: str) -> bool:
    """Ask the cluster to delete an object with everything that depends on it.

    An object that is not there, or belongs to somebody else by now, counts as removed.

    Returns:
        Whether the object is gone.

    Raises:
        ClusterError: the cluster does not answer or refuses.
    """
    try:
        served = await access.discovery.find(item.api_version, item.kind)
        path = served.path(item.namespace, item.name)
        live = await access.connection.request("GET", path)
        metadata = live["metadata"]
        if (metadata.get("labels") or {}).get(OWNER_LABEL) != owner:
            return True
        if not metadata.get("deletionTimestamp"):
            preconditions = {"uid": metadata["uid"]}
            body = {"propagationPolicy": "Foreground", "preconditions": preconditions}
            await access.connection.request("DELETE", path, body=body)
    except ClusterError as error:
        if error.not_found or error.not_served:
            return True
        if error.status == 409:
            return False
        raise
    return False

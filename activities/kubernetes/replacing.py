"""Changes that a cluster refuses because a field can only be set when the object is made."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from activities.kubernetes.applying import apply_object, remove_object
from activities.kubernetes.connections import Access
from activities.kubernetes.discovery import ServedKind
from activities.kubernetes.errors import ClusterError
from activities.kubernetes.objects import ObjectKey
from activities.kubernetes.restoring import Observing
from krake.messages.base import Target
from krake.models.application import ObjectStatus
from krake.models.reasons import ReasonCode

REPLACE_ANNOTATION = "krake/replace"
"""Annotation on an object of a manifest: `"true"` lets Krake delete and make it anew for such a change."""

_GONE_SECONDS = 60.0
_PAUSE = 0.1

_IMMUTABLE = re.compile(
    r"field is immutable|is immutable|may not change once set|cannot be changed|"
    r"updates to \w+ spec for fields other than|pod updates may not change fields other than"
)
"""What Kubernetes' validation says of such changes; there is no code for them."""
_FIELD = re.compile(r"([A-Za-z_][\w.\-\[\]]*): (?:Invalid value|Forbidden)")


async def apply_or_replace(
    access: Access,
    served: ServedKind,
    key: ObjectKey,
    manifest: dict[str, Any],
    target: Target,
    before: ObjectStatus | None,
    observing: Observing | None = None,
) -> tuple[ObjectStatus, str]:
    """Apply one object; where that needs a new object and its annotation allows it, replace it.

    Args:
        before: the object in the inventory, if Krake has applied it.
        observing: what an observer schema adds.

    Returns:
        How the cluster stored the object, and why it was replaced; empty where it was not.

    Raises:
        ClusterError: with the object's name, and what to do about a field that cannot be changed.
    """
    known = before is not None and bool(before.uid)
    try:
        applied = await apply_object(access, served, key, manifest, target, known=known, observing=observing)
        return applied, ""
    except ClusterError as error:
        fields = immutable_fields(error)
        if before is None or not known or not fields:
            raise
        if not _may_replace(manifest):
            raise _refused(key, fields, error) from error
    await _until_gone(access, before, key, target.uid)
    fresh = Observing(observing.schema) if observing else None
    applied = await apply_object(access, served, key, manifest, target, known=False, observing=fresh)
    return applied, f"{fields} cannot be changed in place"


def immutable_fields(error: ClusterError) -> str:
    """The fields that the cluster does not let anybody change; empty where it refused for another reason."""
    if error.status != 422 or not _IMMUTABLE.search(error.message):
        return ""
    return ", ".join(dict.fromkeys(_FIELD.findall(error.message))) or "a field"


def _may_replace(manifest: dict[str, Any]) -> bool:
    annotations = manifest["metadata"].get("annotations") or {}
    return bool(str(annotations.get(REPLACE_ANNOTATION, "")).lower() == "true")


def _refused(key: ObjectKey, fields: str, error: ClusterError) -> ClusterError:
    message = (
        f"{key}: {fields} cannot be changed in place; give the object another name, or annotate it with "
        f'{REPLACE_ANNOTATION}: "true" to have it deleted and made anew'
    )
    return ClusterError(ReasonCode.INVALID_RESOURCE, message, temporary=False, status=error.status)


async def _until_gone(access: Access, item: ObjectStatus, key: ObjectKey, owner: str) -> None:
    deadline = asyncio.get_running_loop().time() + _GONE_SECONDS
    while not await remove_object(access, item, owner):
        if asyncio.get_running_loop().time() >= deadline:
            raise ClusterError(
                ReasonCode.KUBERNETES_ERROR,
                f"{key}: its deletion, to make it anew, is not done after {_GONE_SECONDS:.0f} s",
                temporary=True,
            )
        await asyncio.sleep(_PAUSE)

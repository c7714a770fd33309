"""What differs between an object as Krake would have it and as it is, asked from the API server itself.

Krake's apply is played with `dryRun=All`: what it would change is what differs. Defaults, other spellings of
a value, and fields that nobody asked Krake for cannot look like a difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from activities.kubernetes.applying import APPLY
from activities.kubernetes.connections import Access
from activities.kubernetes.discovery import ServedKind
from activities.kubernetes.document_diff import Difference, differences
from activities.kubernetes.errors import ClusterError
from activities.kubernetes.field_paths import ABSENT, text_of
from activities.kubernetes.managed_fields import manager_of, manages
from activities.kubernetes.objects import OWNER_LABEL, ObjectKey, field_manager, owned
from activities.kubernetes.observed_fields import changed_fields, counts, observe
from krake.messages.base import Target
from krake.models.drift import FieldDifference, ObjectDifference

Document = dict[str, Any]

REDACTED = "(not shown)"
_MOST_FIELDS = 50
_LONGEST_VALUE = 300


@dataclass(frozen=True, slots=True)
class Comparison:
    """One object to be compared."""

    served: ServedKind
    key: ObjectKey
    manifest: Document
    schema: Document | None = None
    """The observer schema of the object, where it has one."""
    expected: Document | None = None
    """Values of the observed fields as they have to be."""


async def compare_object(access: Access, target: Target, wanted: Comparison) -> ObjectDifference | None:
    """How the object differs; None when it does not.

    Raises:
        ClusterError: the cluster does not answer.
    """
    path = wanted.served.path(wanted.key.namespace, wanted.key.name)
    live = await find_object(access, path)
    if live is None:
        return _difference(wanted, "missing")
    owner = (live["metadata"].get("labels") or {}).get(OWNER_LABEL, target.uid)
    if owner != target.uid:
        return _difference(wanted, "foreign", "it belongs to another application")
    document = owned(
        wanted.manifest, target.uid, f"{target.namespace}/{target.name}", wanted.key.namespace or None
    )
    manager = field_manager(target.uid)
    query = {"fieldManager": manager, "fieldValidation": "Strict", "force": "true", "dryRun": "All"}
    try:
        applied = await access.connection.request(
            "PATCH", path, query=query, body=document, content_type=APPLY
        )
    except ClusterError as error:
        if error.temporary:
            raise
        return _difference(wanted, "unknown", error.message)
    return _described(wanted, applied, live, manager)


async def find_object(access: Access, path: str) -> Document | None:
    """The live object at a path, or None.

    Raises:
        ClusterError: the cluster does not answer or refuses.
    """
    try:
        return await access.connection.request("GET", path)
    except ClusterError as error:
        if error.not_found:
            return None
        raise


def _difference(wanted: Comparison, change: str, message: str = "") -> ObjectDifference:
    return ObjectDifference.model_validate(
        {
            "api_version": wanted.key.api_version,
            "kind": wanted.key.kind,
            "namespace": wanted.key.namespace or None,
            "name": wanted.key.name,
            "change": change,
            "message": message,
        }
    )


def _described(
    wanted: Comparison, applied: Document, live: Document, manager: str
) -> ObjectDifference | None:
    fields = [
        _field(wanted, difference, applied, live, manager)
        for difference in differences(applied, live)
        # Others may have written between the two requests; that is none of Krake's fields.
        if manages(live if difference[1] is ABSENT else applied, difference[0], manager)
    ]
    fields += _learned(wanted, live, {field.path for field in fields})
    if not fields:
        return None
    found = _difference(wanted, "altered")
    found.fields = fields[:_MOST_FIELDS]
    found.truncated = len(fields) - len(found.fields)
    return found


def _field(
    wanted: Comparison, difference: Difference, applied: Document, live: Document, manager: str
) -> FieldDifference:
    path, mine, theirs = difference
    owner = manager_of(live, path, manager, live if mine is ABSENT else applied)
    is_secret = wanted.key.kind == "Secret"
    return FieldDifference(
        path=text_of(path),
        applied=_shown(mine, is_secret),
        live=_shown(theirs, is_secret),
        manager=owner.name,
        since=datetime.fromisoformat(owner.since) if owner.since else None,
        counts=wanted.schema is None or counts(wanted.schema, path, is_secret),
    )


def _learned(wanted: Comparison, live: Document, known: set[str]) -> list[FieldDifference]:
    """Observed fields that the manifest does not name and that are not as they were learned."""
    if wanted.schema is None:
        return []
    observed = observe(wanted.schema, live)
    expected, is_secret = wanted.expected or {}, wanted.key.kind == "Secret"
    changed = [path for path in changed_fields(expected, observed) if path not in known]
    fields = [
        FieldDifference(
            path=path,
            applied=_shown(expected[path], is_secret),
            live=_shown(observed.values.get(path, ABSENT), is_secret),
        )
        for path in changed
    ]
    return fields + [FieldDifference(path=f"{path} (length)") for path in observed.unbounded]


def _shown(value: Any, is_secret: bool) -> Any:
    """The value as it may leave the cluster: nothing of a Secret, and nothing long."""
    if value is ABSENT:
        return None
    if is_secret:
        return REDACTED
    text = orjson.dumps(value).decode()
    return value if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}… ({len(text)} characters)"

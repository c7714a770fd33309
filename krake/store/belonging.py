"""Where an application is, and whether a resource has owners, as the indexes hold it."""

from __future__ import annotations

from typing import Any

from krake.store.records import Record


def _places(status: dict[str, Any]) -> tuple[str, ...]:
    """The uids of the clusters on which an application has, or may have, objects: two while it moves."""
    move = status.get("migration") or {}
    uids = (status.get("scheduled_uid"), move.get("source_uid"), move.get("target_uid"))
    return tuple(dict.fromkeys(uid for uid in uids if uid))


def _is_drained(status: dict[str, Any]) -> bool:
    return (status.get("clearing") or {}).get("purpose") == "drain"


def index_of(record: Record) -> dict[str, Any]:
    """The values of the columns that repeat the documents for the indexes."""
    here = record.status.get("scheduled_uid") or "" if record.kind == "Application" else ""
    there = _places(record.status) if record.kind == "Application" else ()
    asked = {"requested": int(_is_drained(record.status))} if record.kind == "Cluster" else {}
    return {
        **asked,
        "owned": int(bool(record.owners)),
        "cluster_uid": here,
        "other_cluster_uid": next((uid for uid in there if uid != here), ""),
    }


def reservations_of(record: Record | None) -> dict[tuple[str, str], int]:
    """What is reserved for a resource, by cluster and dimension.

    Only where it is or is about to be: whatever ends a deployment releases it, nobody has to remember to.
    """
    if record is None or record.kind != "Application":
        return {}
    held = record.status.get("reserved") or {}
    return {
        (uid, dimension): amount
        for uid in _places(record.status)
        for dimension, amount in (held.get(uid) or {}).items()
    }

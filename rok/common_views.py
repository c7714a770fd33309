"""Attributes that applications and clusters have in common."""

from __future__ import annotations

from typing import Any

from rok.formats import NONE, lines
from rok.metric_views import identity

Document = dict[str, Any]


def common_rows(document: Document) -> list[tuple[str, str]]:
    """What every kind with a state says of itself."""
    return [*identity(document), ("state", document["status"]["state"])]


def ownership_rows(document: Document) -> list[tuple[str, str]]:
    """Only where there is something to show: few resources have more than their binding."""
    metadata, bound = document["metadata"], document["status"].get("scheduled_to")
    owners = [f"{owner['kind']} {owner['name']}" for owner in metadata.get("owners", []) if owner != bound]
    shown = (("owners", owners), ("finalizers", metadata.get("finalizers") or []))
    return [(title, lines(items)) for title, items in shown if items]


def backoff_rows(document: Document) -> list[tuple[str, str]]:
    """How often and how fast something is tried again."""
    spec = document["spec"]
    return [(key, str(spec.get(key, NONE))) for key in ("backoff", "backoff_delay", "backoff_limit")]

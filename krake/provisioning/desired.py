"""What is desired of a made cluster, and how that differs from what was made."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

Document = dict[str, Any]

UNCHANGEABLE = ("control_plane_nodes", "flavor", "control_plane_flavor", "image")
"""What a cluster keeps for its life: changing it means making all its machines anew."""
_SCALED = ("nodes",)
_UPGRADED = ("kubernetes_version", "template")


def is_made(spec: Document) -> bool:
    """Whether Krake makes the cluster, and does not only know how to reach it."""
    return bool(spec.get("tosca") or spec.get("infrastructure"))


def wanted_of(spec: Document) -> Document:
    """What matters of the spec at the cloud; of a template only whether it changes."""
    if spec.get("tosca"):
        text = orjson.dumps(spec["tosca"], option=orjson.OPT_SORT_KEYS)
        return {"tosca": hashlib.sha256(text).hexdigest()}
    machines: Document = spec.get("infrastructure") or {}
    return {name: machines.get(name) for name in (*UNCHANGEABLE, *_SCALED, *_UPGRADED)}


def has_to_scale(applied: Document, wanted: Document) -> bool:
    """Whether the number of nodes, or the template, differs."""
    return _differ(applied, wanted, ("tosca", *_SCALED))


def has_to_upgrade(applied: Document, wanted: Document) -> bool:
    """Whether the Kubernetes version, or Magnum's template, differs."""
    return _differ(applied, wanted, _UPGRADED)


def changed_for_good(before: Document, after: Document) -> list[str]:
    """The fields of `infrastructure` that differ although they cannot be changed."""
    old, new = before.get("infrastructure") or {}, after.get("infrastructure") or {}
    return [name for name in UNCHANGEABLE if old.get(name) != new.get(name)]


def _differ(applied: Document, wanted: Document, fields: tuple[str, ...]) -> bool:
    return any(applied.get(field) != wanted.get(field) for field in fields)

"""Who uses a metric, provider or role: it may be deleted all the same; metrics then fail with a reason."""

from __future__ import annotations

from krake.models.kinds import (
    CLUSTER,
    GLOBAL_METRIC,
    GLOBAL_METRICS_PROVIDER,
    METRIC,
    METRICS,
    METRICS_PROVIDER,
    ROLE,
    ROLE_BINDING,
    Kind,
)
from krake.store.reads import Reads
from krake.store.records import Record

SHOWN = 5
"""Users that are named."""

_METRICS_OF = {METRICS_PROVIDER.name: METRIC, GLOBAL_METRICS_PROVIDER.name: GLOBAL_METRIC}


async def still_used(store: Reads, record: Record) -> str:
    """In words, what still uses the metric, provider or role; empty where nothing does."""
    kind = _users_of(record)
    if kind is None:
        return ""
    namespace = None if record.kind == GLOBAL_METRIC.name or not kind.namespaced else record.namespace
    users = [item for item in await store.all_of(kind.name, namespace) if _uses(item, record)]
    names = [f"{item.namespace}/{item.name}".lstrip("/") for item in users]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"still used by {kind.word} {', '.join(names[:SHOWN])}{more}" if names else ""


def _users_of(record: Record) -> Kind | None:
    """The kind of resources that can use this one."""
    if record.kind in _METRICS_OF:
        return _METRICS_OF[record.kind]
    if record.kind == ROLE.name:
        return ROLE_BINDING
    return CLUSTER if record.kind in {kind.name for kind in METRICS} else None


def _uses(user: Record, record: Record) -> bool:
    if record.kind in _METRICS_OF:
        return bool(user.spec["provider"]["name"] == record.name)
    if record.kind == ROLE.name:
        return record.name in user.spec["roles"]
    namespaced = record.kind == METRIC.name
    refs = user.spec.get("metrics") or []
    return any(ref["name"] == record.name and bool(ref.get("namespaced")) == namespaced for ref in refs)

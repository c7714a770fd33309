"""Who uses a metric or a provider: it may be deleted all the same, and its users then fail with a reason."""

from __future__ import annotations

from krake.models.kinds import CLUSTER, GLOBAL_METRIC, GLOBAL_METRICS_PROVIDER, METRIC, METRICS_PROVIDER
from krake.store.reads import Reads
from krake.store.records import Record

SHOWN = 5
"""Users that are named."""

_METRICS_OF = {METRICS_PROVIDER.name: METRIC, GLOBAL_METRICS_PROVIDER.name: GLOBAL_METRIC}


async def still_used(store: Reads, record: Record) -> str:
    """In words, what still uses the metric or provider; empty where nothing does."""
    users = [item for item in await _candidates(store, record) if _uses(item, record)]
    names = [f"{item.namespace}/{item.name}".lstrip("/") for item in users]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    what = "cluster" if record.kind not in _METRICS_OF else "metric"
    return f"still used by {what} {', '.join(names[:SHOWN])}{more}" if names else ""


async def _candidates(store: Reads, record: Record) -> list[Record]:
    kind = _METRICS_OF.get(record.kind, CLUSTER)
    namespace = None if record.kind == GLOBAL_METRIC.name else record.namespace
    return await store.all_of(kind.name, namespace)


def _uses(user: Record, record: Record) -> bool:
    if record.kind in _METRICS_OF:
        return bool(user.spec["provider"]["name"] == record.name)
    namespaced = record.kind == METRIC.name
    refs = user.spec.get("metrics") or []
    return any(ref["name"] == record.name and bool(ref.get("namespaced")) == namespaced for ref in refs)

"""Who uses a metric, provider, cloud or role."""

from __future__ import annotations

from typing import Any

from krake.models.kinds import (
    CLOUD,
    CLUSTER,
    GLOBAL_CLOUD,
    GLOBAL_INFRASTRUCTURE_PROVIDER,
    GLOBAL_METRIC,
    GLOBAL_METRICS_PROVIDER,
    INFRASTRUCTURE_PROVIDER,
    KINDS,
    MAGNUM_CLUSTER,
    METRIC,
    METRICS_PROVIDER,
    PROJECT,
    ROLE,
    ROLE_BINDING,
    Kind,
)
from krake.store.reads import Reads
from krake.store.records import Record

SHOWN = 5
"""Users that are named."""

_USERS: dict[str, tuple[Kind, ...]] = {
    METRICS_PROVIDER.name: (METRIC,),
    GLOBAL_METRICS_PROVIDER.name: (GLOBAL_METRIC,),
    METRIC.name: (CLUSTER, CLOUD, PROJECT, MAGNUM_CLUSTER),
    GLOBAL_METRIC.name: (CLUSTER, CLOUD, GLOBAL_CLOUD, PROJECT, MAGNUM_CLUSTER),
    INFRASTRUCTURE_PROVIDER.name: (CLOUD,),
    GLOBAL_INFRASTRUCTURE_PROVIDER.name: (CLOUD, GLOBAL_CLOUD),
    CLOUD.name: (CLUSTER,),
    GLOBAL_CLOUD.name: (CLUSTER,),
    PROJECT.name: (MAGNUM_CLUSTER, CLUSTER),
    ROLE.name: (ROLE_BINDING,),
}
"""By kind: the kinds that may use it. What is in a namespace is used in that namespace only."""


async def still_used(store: Reads, record: Record) -> str:
    """In words, what still uses the resource; empty where nothing does."""
    return in_words(await users_of(store, record))


async def users_of(store: Reads, record: Record) -> list[Record]:
    """The resources that use the resource."""
    namespace = record.namespace or None
    return [
        item
        for kind in _USERS.get(record.kind, ())
        for item in await store.all_of(kind.name, namespace)
        if _uses(item, record)
    ]


def in_words(users: list[Record]) -> str:
    """Who uses something: some of them by name; empty where there are none."""
    names = [(KINDS[item.kind].word, f"{item.namespace}/{item.name}".lstrip("/")) for item in users]
    shown: dict[str, list[str]] = {}
    for word, name in names[:SHOWN]:
        shown.setdefault(word, []).append(name)
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    words = "; ".join(f"{word} {', '.join(some)}" for word, some in shown.items())
    return f"still used by {words}{more}" if names else ""


def _uses(user: Record, used: Record) -> bool:
    namespaced = bool(used.namespace)
    if used.kind in (METRICS_PROVIDER.name, GLOBAL_METRICS_PROVIDER.name):
        return bool(user.spec["provider"]["name"] == used.name)
    if used.kind == ROLE.name:
        return used.name in user.spec["roles"]
    if used.kind in (CLOUD.name, GLOBAL_CLOUD.name, PROJECT.name):
        places = [user.status.get(field) or {} for field in ("running_on", "scheduled_to", "project")]
        return any((place.get("kind"), place.get("name")) == (used.kind, used.name) for place in places)
    part: dict[str, Any] = user.spec.get(user.spec.get("type", ""), user.spec)
    if used.kind in (METRIC.name, GLOBAL_METRIC.name):
        return any(_names(ref, used.name, namespaced) for ref in part.get("metrics") or [])
    return _names(part.get("infrastructure_provider") or {}, used.name, namespaced)


def _names(ref: dict[str, Any], name: str, namespaced: bool) -> bool:
    return ref.get("name") == name and bool(ref.get("namespaced")) == namespaced

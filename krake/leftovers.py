"""Objects that stay on a cluster when Krake cannot remove them: owed and recorded, or let go."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from krake.messages.base import Target
from krake.models.application import ApplicationState, ContainerHealth, ObjectStatus
from krake.models.orphans import Orphan
from krake.store.records import NewEvent, Record
from krake.store.transaction import Transaction

Copy = tuple[Target, list[ObjectStatus]]
"""A cluster, and what an application has, or may have, on it."""

_MOST_NAMED = 10


def copies(record: Record) -> list[Copy]:
    """Where an application has objects: on its cluster, and on a second one while it moves."""
    status = record.status
    here = _copy(status.get("scheduled_to"), status.get("scheduled_uid"), status.get("objects"))
    found = [here] if here else []
    if move := status.get("migration"):
        side = "target" if move["source_uid"] == status.get("scheduled_uid") else "source"
        there = _copy(move.get(side), move.get(f"{side}_uid"), move.get("objects"))
        found += [there] if there else []
    return found


def _copy(
    reference: dict[str, Any] | None, uid: str | None, objects: list[dict[str, Any]] | None
) -> Copy | None:
    if not reference:
        return None
    target = Target(
        kind="Cluster", namespace=reference.get("namespace") or "", name=reference["name"], uid=uid or ""
    )
    return target, [ObjectStatus.model_validate(item) for item in objects or []]


async def leave_behind(
    transaction: Transaction, record: Record, reason: str, *, cluster_uid: str | None = None
) -> list[Orphan]:
    """Record what an application has on one cluster, or on all of them, as orphans.

    Args:
        transaction: where it is written.
        record: the application.
        reason: why it is left behind, for people.
        cluster_uid: only what is on this cluster.
    """
    known = {_identity(orphan) for orphan in await transaction.orphans(application_uid=record.uid)}
    made = []
    for cluster, objects in copies(record):
        if cluster_uid not in (None, cluster.uid):
            continue
        for item in objects:
            orphan = _orphan(record, cluster, item, reason)
            if _identity(orphan) not in known:
                await transaction.add_orphan(orphan)
                made.append(orphan)
    return made


def _orphan(record: Record, cluster: Target, item: ObjectStatus, reason: str) -> Orphan:
    return Orphan(
        at=datetime.now(UTC),
        namespace=record.namespace,
        cluster=cluster.name,
        cluster_uid=cluster.uid,
        application=record.name,
        application_uid=record.uid,
        api_version=item.api_version,
        kind=item.kind,
        object_namespace=item.namespace,
        object_name=item.name,
        object_uid=item.uid,
        reason=reason,
    )


def _identity(orphan: Orphan) -> tuple[str | None, ...]:
    return (
        orphan.cluster_uid,
        orphan.api_version,
        orphan.kind,
        orphan.object_namespace,
        orphan.object_name,
        orphan.object_uid,
    )


def named(objects: list[Orphan] | list[ObjectStatus]) -> str:
    """Some objects in words."""
    names = [f"{item.kind}/{item.object_name if isinstance(item, Orphan) else item.name}" for item in objects]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


async def let_go(
    transaction: Transaction, record: Record, cluster_uid: str, *, owed: bool, reason: str, event: NewEvent
) -> bool:
    """Forget that an application is on a cluster, so that it is placed anew; its objects stay there.

    An application that is moving or being deleted is left to that: either ends its stay.

    Args:
        transaction: where it is written.
        record: the application.
        cluster_uid: the cluster.
        owed: whether its objects are recorded as orphans, to be removed when that is possible.
        reason: why, for people.
        event: who asked for it; type and message are filled in here.

    Returns:
        Whether the application was let go.
    """
    status = record.status
    if record.deleted is not None or status.get("migration") or status.get("scheduled_uid") != cluster_uid:
        return False
    cluster, objects = copies(record)[0]
    if owed:
        await leave_behind(transaction, record, reason, cluster_uid=cluster_uid)
    fate = "recorded as orphans" if owed else "left there for good"
    what = f"; {fate}: {named(objects)}" if objects else ""
    message = f"from cluster {cluster.name}: {reason}{what}"
    changes = {
        **NOWHERE,
        "state": ApplicationState.PENDING,
        "message": f"let go from cluster {cluster.name}, to be placed anew",
        # Its lifecycle deploys it as if it were new.
        "observed_generation": 0,
        "deployed_at": None,
        "migration_backoff": None,
    }
    await transaction.write_status(record, changes, NewEvent("LetGo", message, event.actor, event.cause))
    return True


NOWHERE: dict[str, Any] = {
    "reason": None,
    "container_health": ContainerHealth().model_dump(),
    "scheduled": None,
    "scheduled_to": None,
    "scheduled_uid": None,
    "running_on": None,
    "services": {},
    "retries": None,
    "scheduled_retry": None,
    "objects": [],
    "request": None,
}
"""The status of an application that is on no cluster."""

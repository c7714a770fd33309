"""The objects that an application has, or may have, on its clusters."""

from __future__ import annotations

from enum import Enum
from typing import Any

from krake.messages.base import Target
from krake.models.application import ObjectStatus
from krake.resources import observation_applies
from krake.store import Record, Store, Transaction

Document = dict[str, Any]


class Copy(Enum):
    """Which of an application's copies a cluster has."""

    CURRENT = "current"
    """The one that the status speaks of."""
    OTHER = "other"
    """The one that the application moves to, or comes from."""
    NONE = "none"


def inventory(record: Record) -> list[ObjectStatus]:
    """The objects of the copy that the application's status speaks of."""
    return _objects(record.status.get("objects"))


def with_learned(record: Record, items: list[ObjectStatus]) -> list[ObjectStatus]:
    """The objects with the observed fields that were seen for the first time since the last apply."""
    seen = record.observation.get("objects") if observation_applies(record) else None
    learned = {_address(item): item.get("observed_fields") or {} for item in seen or []}
    return [
        item.model_copy(update={"observed_fields": {**fields, **item.observed_fields}})
        if (fields := learned.get(_address(item.model_dump())))
        else item
        for item in items
    ]


def _address(item: Document) -> tuple[Any, ...]:
    return tuple(item.get(field) for field in ("api_version", "kind", "namespace", "name", "uid"))


def inventory_on(record: Record, cluster: Target) -> list[ObjectStatus]:
    """The objects on one cluster. While an application moves it has some on two."""
    copy = _copy_on(record, cluster)
    if copy is Copy.OTHER:
        return _objects(record.status["migration"].get("objects"))
    return inventory(record) if copy is Copy.CURRENT else []


def is_current(record: Record, cluster: Target) -> bool:
    """Whether the application's status speaks of the copy on this cluster."""
    return _copy_on(record, cluster) is Copy.CURRENT


async def write_inventory(store: Store, uid: str, cluster: Target, objects: list[ObjectStatus]) -> None:
    """Replace the objects on one cluster in an application's status."""
    async with store.transaction() as transaction:
        record = await transaction.get_by_uid(uid)
        if record is not None:
            await note_objects(transaction, record, cluster, objects)


async def note_objects(
    transaction: Transaction,
    record: Record,
    cluster: Target,
    objects: list[ObjectStatus],
    changes: Document | None = None,
) -> None:
    """Replace the objects on one cluster, and set further fields of the status with them."""
    items = [item.model_dump(mode="json") for item in objects]
    copy = _copy_on(record, cluster)
    if copy is Copy.CURRENT:
        await transaction.write_status(record, {**(changes or {}), "objects": items})
    elif copy is Copy.OTHER:
        migration = {**record.status["migration"], "objects": items}
        await transaction.write_status(record, {**(changes or {}), "migration": migration})


def _objects(items: list[Document] | None) -> list[ObjectStatus]:
    return [ObjectStatus.model_validate(item) for item in items or []]


def _copy_on(record: Record, cluster: Target) -> Copy:
    """Which copy of the application the cluster has.

    The cluster alone decides, whatever a move has come to meanwhile: a call that is repeated late, or
    outlives its worker, cannot mix the copies up.
    """
    if record.status.get("scheduled_uid") == cluster.uid:
        return Copy.CURRENT
    migration = record.status.get("migration") or {}
    taking_part = cluster.uid in (migration.get("source_uid"), migration.get("target_uid"))
    return Copy.OTHER if taking_part else Copy.NONE

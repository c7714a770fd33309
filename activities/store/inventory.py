"""The objects that an application has, or may have, on its cluster."""

from __future__ import annotations

from krake.models.application import ObjectStatus
from krake.store import Record, Store


def inventory(record: Record) -> list[ObjectStatus]:
    """The objects in an application's status."""
    return [ObjectStatus.model_validate(item) for item in record.status.get("objects") or []]


async def write_inventory(store: Store, uid: str, objects: list[ObjectStatus]) -> None:
    """Replace the objects in an application's status."""
    async with store.transaction() as transaction:
        record = await transaction.get_by_uid(uid)
        if record is not None:
            await transaction.write_status(
                record, {"objects": [item.model_dump(mode="json") for item in objects]}
            )

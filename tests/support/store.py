"""Short ways to fill a store in tests."""

from __future__ import annotations

from typing import Any

from krake.store import NewEvent, Record, Store

CREATED = NewEvent("Created", "made by a test", actor="tester", cause="request-1")
UPDATED = NewEvent("Updated", actor="tester")
DELETING = NewEvent("Deleting", actor="tester")
REMOVED = NewEvent("Removed")


async def add(
    store: Store,
    name: str = "echo",
    namespace: str = "testing",
    kind: str = "Application",
    *,
    labels: dict[str, str] | None = None,
    spec: dict[str, Any] | None = None,
    status: dict[str, Any] | None = None,
) -> Record:
    """Store a resource in a transaction of its own."""
    async with store.transaction() as transaction:
        return await transaction.create(
            kind,
            namespace,
            name,
            labels=labels or {},
            spec=spec or {},
            status=status or {"state": "PENDING"},
            event=CREATED,
        )


async def remove(store: Store, record: Record) -> None:
    """Remove a resource in a transaction of its own."""
    async with store.transaction() as transaction:
        await transaction.remove(record, REMOVED)


async def set_status(store: Store, record: Record, **changes: Any) -> Record:
    """Change the status in a transaction of its own."""
    async with store.transaction() as transaction:
        return await transaction.write_status(record, changes)

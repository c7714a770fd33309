"""The audit: added with the change, never altered, and shortened by an audited command only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from krake.models.audit import AuditEntry, AuditResult
from krake.store import Store
from krake.store.audit import audited, command_entry
from tests.support.store import add, remove

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def entry(**changes: Any) -> AuditEntry:
    usual: dict[str, Any] = {
        "at": NOW,
        "user": "alice",
        "verb": "create",
        "kind": "Application",
        "namespace": "shop",
        "name": "web",
        "result": AuditResult.DONE,
        "status": 201,
        "source": "192.0.2.1",
        "request_id": "r-1",
    }
    return AuditEntry.model_validate({**usual, **changes})


class Request:
    """A request as the API knows it."""

    def __init__(self) -> None:
        self.stored = 0

    def due(self) -> AuditEntry | None:
        return None if self.stored else entry()

    def committed(self) -> None:
        self.stored += 1


async def test_an_entry_comes_back_as_it_was(store: Store) -> None:
    await store.audit.write([entry(part="migration")])
    [read] = await store.audit.read(limit=10)
    assert read.id > 0
    assert read == entry(part="migration", id=read.id)


async def test_filters_and_pages(store: Store) -> None:
    for number in range(5):
        await store.audit.write([entry(name=f"a{number}", at=NOW + timedelta(minutes=number))])
    await store.audit.write([entry(user="bob", verb="delete", result="denied", status=403)])
    names = [found.name for found in await store.audit.read(limit=2, user="alice")]
    assert names == ["a4", "a3"]
    [last] = (await store.audit.read(limit=2, user="alice"))[1:]
    assert [found.name for found in await store.audit.read(limit=9, user="alice", below=last.id)] == [
        "a2",
        "a1",
        "a0",
    ]
    assert len(await store.audit.read(limit=9, since=NOW + timedelta(minutes=3))) == 2
    assert [found.user for found in await store.audit.read(limit=9, result="denied", verb="delete")] == [
        "bob"
    ]
    assert await store.audit.read(limit=9, kind="Cluster", namespace="shop", name="web") == []


async def test_the_entry_is_written_with_the_change(store: Store) -> None:
    request = Request()
    token = audited.set(request)
    try:
        record = await add(store, "web")
        await remove(store, record)
    finally:
        audited.reset(token)
    assert request.stored == 1
    assert len(await store.audit.read(limit=9)) == 1


async def test_what_is_rolled_back_leaves_no_entry(store: Store) -> None:
    request = Request()
    token = audited.set(request)
    try:
        with pytest.raises(ValueError, match="on purpose"):
            async with store.transaction() as transaction:
                await transaction.create(
                    "Application", "shop", "web", labels={}, spec={}, status={}, event=_event()
                )
                raise ValueError("on purpose")
        async with store.transaction():
            pass
    finally:
        audited.reset(token)
    assert request.stored == 0
    assert await store.audit.read(limit=9) == []


def _event() -> Any:
    from tests.support.store import CREATED

    return CREATED


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE audit SET result = 'done'",
        "DELETE FROM audit",
        "DELETE FROM audit_horizon",
        "DELETE FROM audit WHERE id = 1",
    ],
)
async def test_the_database_refuses_to_alter_it(store: Store, url: str, attack: str) -> None:
    await store.audit.write([entry(result="denied", status=403)])
    before = await store.audit.read(limit=9)
    engine = create_async_engine(url)
    try:
        with pytest.raises(DBAPIError, match="append-only"):
            async with engine.begin() as connection:
                await connection.execute(text(attack))
    finally:
        await engine.dispose()
    assert await store.audit.read(limit=9) == before


async def test_no_row_is_replaced(store: Store, url: str) -> None:
    await store.audit.write([entry()])
    sqlite = url.startswith("sqlite")
    attack = (
        "INSERT OR REPLACE INTO audit SELECT id, at, 'mallory', verb, kind, namespace, name, part, result, "
        "status, source, request_id FROM audit"
        if sqlite
        else "TRUNCATE audit"
    )
    engine = create_async_engine(url)
    try:
        with pytest.raises(DBAPIError, match="append-only"):
            async with engine.begin() as connection:
                await connection.execute(text(attack))
    finally:
        await engine.dispose()
    assert [found.user for found in await store.audit.read(limit=9)] == ["alice"]


async def test_old_entries_are_deleted_by_a_command_that_is_recorded(store: Store) -> None:
    await store.audit.write([entry(at=NOW - timedelta(days=400)), entry(at=NOW)])
    told = command_entry("operator:root", "delete", "Audit", "before then")
    assert await store.audit.prune(NOW - timedelta(days=365), told) == 1
    left = await store.audit.read(limit=9)
    assert [(found.user, found.kind) for found in left] == [
        ("operator:root", "Audit"),
        ("alice", "Application"),
    ]
    # The horizon never moves back, and what is younger stays guarded.
    assert await store.audit.prune(NOW - timedelta(days=500), told) == 0

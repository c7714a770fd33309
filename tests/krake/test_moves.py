"""Asking for moves: who asks twice, who has to leave, and what holds automatic moves back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from krake.moves import (
    CannotMoveError,
    cancel_migration,
    clusters_of,
    held_back,
    request_migration,
    request_of,
)
from krake.secrets import Cipher, new_key
from krake.store import NewEvent, Record, Store
from krake.volumes.keeping import keeps_data
from tests.support.databases import new_sqlite
from tests.support.manifests import Document, config_map, deployment
from tests.support.store import add, set_status

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CANCEL = NewEvent("MigrationCancelRequested")
DE = {"api": "kubernetes", "kind": "Cluster", "namespace": "testing", "name": "de"}


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store."""
    async with Store.open(new_sqlite(tmp_path), Cipher.from_keys([new_key()])) as opened:
        yield opened


async def deployed(store: Store, **status: Any) -> Record:
    """An application on `de`."""
    record = await add(store, "echo", "testing", spec={"manifest": []})
    return await set_status(store, record, scheduled_uid="uid-de", scheduled_to=DE, objects=[{}], **status)


async def ask(store: Store, record: Record, **wish: Any) -> Record:
    """Ask for a move."""
    async with store.transaction() as transaction:
        current = await transaction.get_by_uid(record.uid)
        assert current is not None
        return await request_migration(transaction, current, **{"trigger": "why", "actor": "me", **wish})


def moving(**more: Any) -> Document:
    """A move that is going on."""
    request = {"id": "m1", "kind": "migrate", "at": NOW.isoformat()}
    it = {**DE, "name": "it"}
    return {
        "id": "m1",
        "source": DE,
        "source_uid": "uid-de",
        "target": it,
        "target_uid": "uid-it",
        "started": NOW.isoformat(),
        "request": request,
        **more,
    }


async def test_the_same_is_not_asked_twice(store: Store) -> None:
    first = await ask(store, await deployed(store), cluster="it")
    again = await ask(store, first, cluster="it")
    assert again.revision == first.revision
    other = await ask(store, again, cluster="fr")
    assert other.status["request"]["cluster"] == "fr"


async def test_who_has_to_leave_goes_on_having_to(store: Store) -> None:
    record = await ask(store, await deployed(store), leave=True, evict=True, trigger="de is drained")
    record = await ask(store, record, cluster="it", trigger="asked for by somebody")
    request = request_of(record)
    assert request is not None
    assert (request.leave, request.evict, request.cluster) == (True, True, "it")
    assert request.trigger == "de is drained"


async def test_a_user_wakes_what_is_parked_and_a_repeated_duty_does_not(store: Store) -> None:
    record = await ask(store, await deployed(store), leave=True)
    record = await set_status(store, record, request={**record.status["request"], "parked": True})
    assert (await ask(store, record, leave=True)).revision == record.revision
    woken = await ask(store, record)
    assert woken.status["request"]["parked"] is False


async def test_a_move_that_goes_on_fulfils_the_wish(store: Store) -> None:
    record = await deployed(store, migration=moving())
    assert (await ask(store, record)).revision == record.revision
    assert (await ask(store, record, cluster="it")).revision == record.revision
    must = await ask(store, record, leave=True, trigger="de is drained")
    assert must.status.get("request") is None
    assert must.status["migration"]["leave"] is True
    elsewhere = await ask(store, record, cluster="fr")
    assert elsewhere.status["request"]["cluster"] == "fr"


async def test_leaving_the_target_of_a_move_is_another_wish(store: Store) -> None:
    handed_over = moving(phase="removing", source_uid="uid-fr", target_uid="uid-de")
    record = await ask(store, await deployed(store, migration=handed_over), leave=True)
    assert record.status["request"]["leave"] is True


async def test_a_duty_to_leave_cannot_be_cancelled(store: Store) -> None:
    record = await ask(store, await deployed(store), leave=True, trigger="de is drained")
    async with store.transaction() as transaction:
        with pytest.raises(CannotMoveError, match="de is drained"):
            await cancel_migration(transaction, record, CANCEL)


@pytest.mark.parametrize(
    ("backoff", "words"),
    [
        (None, ""),
        ({"generation": 0, "until": NOW + timedelta(seconds=9), "message": "failed"}, ""),
        ({"generation": 1, "until": NOW - timedelta(seconds=9), "message": "failed"}, ""),
        (
            {"generation": 1, "until": NOW + timedelta(seconds=9), "message": "failed"},
            "failed; next attempt at 00:00:09 UTC",
        ),
        ({"generation": 1, "until": None, "message": "cancelled"}, "cancelled"),
    ],
)
async def test_what_failed_is_not_tried_again_at_once(store: Store, backoff: Any, words: str) -> None:
    plain = {**backoff, "until": backoff["until"] and backoff["until"].isoformat()} if backoff else None
    assert held_back(await deployed(store, migration_backoff=plain), NOW) == words


async def test_both_clusters_count_while_it_moves(store: Store) -> None:
    assert clusters_of((await deployed(store, migration=moving())).status) == {"uid-de", "uid-it"}


@pytest.mark.parametrize(
    ("item", "keeps"),
    [
        (config_map("settings"), False),
        (deployment("echo"), False),
        ({"kind": "PersistentVolumeClaim"}, True),
        ({"kind": "StatefulSet", "spec": {"volumeClaimTemplates": [{}]}}, True),
        ({"kind": "StatefulSet", "spec": {"volumeClaimTemplates": []}}, False),
        ({"kind": "Pod", "spec": {"volumes": [{"persistentVolumeClaim": {"claimName": "data"}}]}}, True),
        ({"kind": "Pod", "spec": {"volumes": [{"emptyDir": {}}]}}, False),
    ],
)
def test_what_keeps_data(item: Document, keeps: bool) -> None:
    assert keeps_data([item]) is keeps

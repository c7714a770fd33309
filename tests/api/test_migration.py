"""Asking for a move over HTTP: what is accepted, what is refused at once, and what a dry run says."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from krake.store import NewEvent, Record, Store
from tests.api.documents import APPLICATIONS, CLUSTERS, application, cluster

MIGRATION = f"{APPLICATIONS}/echo/migration"


async def write(store: Store, kind: str, name: str, **changes: Any) -> Record:
    """Write a status, as the lifecycle does."""
    async with store.transaction() as transaction:
        record = await transaction.get(kind, "testing", name)
        return await transaction.write_status(record, changes)


@pytest.fixture
async def deployed(client: httpx.AsyncClient, store: Store) -> Record:
    """An application that runs on `de`, while `it` could take it as well and `fr` does not answer."""
    uids = {}
    for name, state in {"de": "ONLINE", "it": "ONLINE", "fr": "OFFLINE"}.items():
        uids[name] = (await client.post(CLUSTERS, json=cluster(name))).json()["metadata"]["uid"]
        await write(store, "Cluster", name, state=state)
    await client.post(APPLICATIONS, json=application())
    there = {"api": "kubernetes", "kind": "Cluster", "namespace": "testing", "name": "de"}
    objects = [{"api_version": "v1", "kind": "ConfigMap", "name": "settings", "namespace": "default"}]
    placed = {"scheduled_to": there, "running_on": there, "scheduled_uid": uids["de"], "objects": objects}
    return await write(store, "Application", "echo", state="RUNNING", observed_generation=1, **placed)


def moving(record: Record, phase: str, **more: Any) -> dict[str, Any]:
    """A move that is going on."""
    it = {**record.status["scheduled_to"], "name": "it"}
    request = {"id": "m1", "kind": "migrate", "at": "2026-01-01T00:00:00Z"}
    return {
        "id": "m1",
        "source": record.status["scheduled_to"],
        "source_uid": record.status["scheduled_uid"],
        "target": it,
        "target_uid": "uid-of-it",
        "phase": phase,
        "started": "2026-01-01T00:00:00Z",
        "request": request,
        "generation": record.generation,
        **more,
    }


async def test_a_move_is_asked_for_once(client: httpx.AsyncClient, store: Store, deployed: Record) -> None:
    answer = await client.put(MIGRATION, json={"cluster": "it"})
    assert answer.status_code == 202
    request = answer.json()["status"]["request"]
    assert (request["kind"], request["cluster"], request["actor"]) == ("migrate", "it", "tester")
    assert [one.uid for one in await store.unobserved(10) if one.kind == "Application"] == [deployed.uid]
    again = await client.put(MIGRATION, json={"cluster": "it"})
    assert again.json()["status"]["request"]["id"] == request["id"]
    events = await store.events(uid=deployed.uid)
    assert [event.type for event in events] == ["Created", "Running", "MigrationRequested"]
    assert events[-1].cause.startswith("request ")


@pytest.mark.parametrize(
    ("order", "status", "words"),
    [
        ({"cluster": "de"}, 409, "It is on de already"),
        ({"cluster": "fr"}, 409, "fr does not fit: OFFLINE"),
        ({"cluster": "moon"}, 422, "There is no cluster 'moon'"),
        ({"strategy": "hope"}, 422, "strategy"),
        ({"where": "it"}, 422, "Unknown field"),
    ],
)
async def test_what_cannot_be_is_refused_at_once(
    client: httpx.AsyncClient, deployed: Record, order: dict[str, Any], status: int, words: str
) -> None:
    answer = await client.put(MIGRATION, json=order)
    assert answer.status_code == status
    assert words in answer.json()["detail"]
    assert (await client.get(f"{APPLICATIONS}/echo")).json()["status"]["request"] is None


async def test_what_runs_nowhere_cannot_move(client: httpx.AsyncClient) -> None:
    await client.post(APPLICATIONS, json=application())
    answer = await client.put(MIGRATION, json={})
    assert (answer.status_code, "runs on no cluster yet" in answer.json()["detail"]) == (409, True)
    assert (await client.put(f"{APPLICATIONS}/ghost/migration", json={})).status_code == 404


async def test_a_dry_run_tells_everything_and_stores_nothing(
    client: httpx.AsyncClient, store: Store, deployed: Record
) -> None:
    answer = await client.put(MIGRATION, json={"dry_run": True, "strategy": "delete-first"})
    assert answer.status_code == 200
    plan = answer.json()
    assert (plan["source"]["name"], plan["target"]["name"]) == ("de", "it")
    assert (plan["downtime"], plan["data"]) == (True, False)
    assert (plan["creates"], plan["removes"]) == (["ConfigMap/settings"], ["ConfigMap/settings"])
    refused = {entry["cluster"]["name"] for entry in plan["decision"]["candidates"] if entry["rank"] is None}
    assert refused == {"de", "fr"}
    assert (await store.get("Application", "testing", "echo")).revision == deployed.revision
    assert await store.decisions(deployed.uid, 10) == []


async def test_cancelling(client: httpx.AsyncClient, store: Store, deployed: Record) -> None:
    nothing = await client.delete(MIGRATION)
    assert (nothing.status_code, "no migration of 'echo'" in nothing.json()["detail"]) == (409, True)

    await client.put(MIGRATION, json={})
    assert (await client.delete(MIGRATION)).json()["status"]["request"] is None

    record = await write(store, "Application", "echo", migration=moving(deployed, "waiting"))
    cancelled = await client.delete(MIGRATION)
    assert cancelled.status_code == 202
    assert cancelled.json()["status"]["migration"]["cancel_requested"] is True

    await write(store, "Application", "echo", migration=moving(record, "handed-over"))
    late = await client.delete(MIGRATION)
    assert late.status_code == 409
    assert "cannot be cancelled any more" in late.json()["detail"]


async def test_one_move_at_a_time(client: httpx.AsyncClient, store: Store, deployed: Record) -> None:
    await write(store, "Application", "echo", migration=moving(deployed, "applying"))
    same = await client.put(MIGRATION, json={"cluster": "it"})
    assert (same.status_code, same.json()["status"]["request"]) == (202, None)
    other = await client.put(MIGRATION, json={"cluster": "fr"})
    assert (other.status_code, "on its way from de to it" in other.json()["detail"]) == (409, True)


async def test_what_is_being_deleted_does_not_move(
    client: httpx.AsyncClient, store: Store, deployed: Record
) -> None:
    async with store.transaction() as transaction:
        await transaction.mark_deleted(deployed, NewEvent("DeletionRequested"))
    answer = await client.put(MIGRATION, json={})
    assert (answer.status_code, "being deleted" in answer.json()["detail"]) == (409, True)

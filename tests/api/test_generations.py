"""What was desired before, over HTTP: its list, one of it, and returning to it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from krake.store import Store
from tests.api.documents import APPLICATIONS, CLUSTERS, application, cluster, config_map
from tests.support.store import remove, set_status

ECHO = f"{APPLICATIONS}/echo"


async def settle(store: Store, state: str, **more: Any) -> None:
    """Write what became of the present generation."""
    record = await store.get("Application", "testing", "echo")
    await set_status(store, record, state=state, observed_generation=record.generation, **more)


async def update(client: httpx.AsyncClient, **spec: Any) -> None:
    """Change the application."""
    answer = await client.put(ECHO, json=application(**spec), headers={"X-Request-ID": f"id-{len(spec)}"})
    assert answer.status_code == 200, answer.text


@pytest.fixture
async def lived(client: httpx.AsyncClient, store: Store) -> None:
    """An application with four generations: good, good, superseded, failed."""
    await client.post(APPLICATIONS, json=application())
    await settle(store, "RUNNING")
    await update(client, backoff=2)
    await settle(store, "RUNNING")
    await update(client, backoff=3)
    await update(client, backoff=3, manifest=[config_map("other")])
    await settle(store, "FAILED", reason={"code": "NOT_READY", "message": "too late"})


async def history(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    """The generations, newest first."""
    answer = await client.get(f"{ECHO}/history")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


@pytest.mark.usefixtures("lived")
async def test_the_history_says_who_changed_what_and_what_came_of_it(client: httpx.AsyncClient) -> None:
    items = await history(client)
    assert [(item["generation"], item["state"], item["message"]) for item in items] == [
        (4, "failed", "NOT_READY: too late"),
        (3, "superseded", ""),
        (2, "good", ""),
        (1, "good", ""),
    ]
    assert [item["changes"] for item in items] == [
        ["ConfigMap/settings removed", "ConfigMap/other added"],
        ["backoff"],
        ["backoff"],
        [],
    ]
    assert {item["actor"] for item in items} == {"tester"}
    assert items[0]["cause"] == "request id-2"
    assert "spec" not in items[0]


@pytest.mark.usefixtures("lived")
async def test_one_generation_has_its_whole_spec(client: httpx.AsyncClient) -> None:
    found = (await client.get(f"{ECHO}/history/2")).json()
    assert (found["generation"], found["state"], found["spec"]["backoff"]) == (2, "good", 2)
    missing = await client.get(f"{ECHO}/history/9")
    assert missing.status_code == 404
    assert "keeps no generation 9" in missing.json()["detail"]
    assert (await client.get(f"{ECHO}/history/0")).status_code == 422
    assert (await client.get(f"{ECHO}/history/99999999999999999999")).status_code == 422


@pytest.mark.usefixtures("lived")
async def test_a_rollback_makes_an_earlier_generation_a_new_one(
    client: httpx.AsyncClient, store: Store
) -> None:
    headers = {"X-Request-ID": "back-1"}
    answer = await client.put(f"{ECHO}/rollback", json={"generation": None}, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["metadata"]["generation"] == 5
    assert answer.json()["spec"]["backoff"] == 2
    assert answer.headers["etag"]
    event = (await client.get(f"{ECHO}/events", params={"last": 1})).json()["items"][0]
    assert (event["type"], event["message"]) == ("RolledBack", "from generation 4 to 2")
    assert (event["actor"], event["cause"]) == ("tester", "request back-1")
    await settle(store, "RUNNING")
    assert (await history(client))[0]["state"] == "current"

    again = await client.put(f"{ECHO}/rollback", json={})
    assert (again.json()["metadata"]["generation"], again.json()["spec"]["backoff"]) == (6, 1)
    chosen = await client.put(f"{ECHO}/rollback", json={"generation": 3})
    assert (chosen.json()["metadata"]["generation"], chosen.json()["spec"]["backoff"]) == (7, 3)
    same = await client.put(f"{ECHO}/rollback", json={"generation": 7})
    assert same.json()["metadata"]["generation"] == 7


async def test_rollbacks_that_cannot_be(client: httpx.AsyncClient) -> None:
    assert (await client.put(f"{ECHO}/rollback", json={})).status_code == 404
    await client.post(APPLICATIONS, json=application())
    nothing = await client.put(f"{ECHO}/rollback", json={})
    assert nothing.status_code == 409
    assert "no earlier generation that became ready" in nothing.json()["detail"]
    unknown = await client.put(f"{ECHO}/rollback", json={"generation": 5})
    assert (unknown.status_code, unknown.json()["title"]) == (404, "NOT_FOUND_ERROR")
    for body in ({"generation": 0}, {"generation": "x"}, {"genration": 1}):
        assert (await client.put(f"{ECHO}/rollback", json=body)).status_code == 422
    await client.delete(ECHO)
    assert (await client.put(f"{ECHO}/rollback", json={"generation": 1})).status_code == 409


@pytest.mark.usefixtures("lived")
async def test_the_history_outlives_the_application(client: httpx.AsyncClient, store: Store) -> None:
    await client.delete(ECHO)
    await remove(store, await store.get("Application", "testing", "echo"))
    assert [item["state"] for item in await history(client)] == ["failed", "superseded", "good", "good"]
    assert (await client.get(f"{ECHO}/history/1")).json()["spec"]["backoff"] == 1


async def test_only_applications_have_a_history(client: httpx.AsyncClient) -> None:
    assert (await client.get(f"{APPLICATIONS}/never/history")).status_code == 404
    await client.post(CLUSTERS, json=cluster())
    assert (await client.get(f"{CLUSTERS}/de/history")).status_code == 404

"""Applications over HTTP: what a client can do with them, and what it is told when it cannot."""

from __future__ import annotations

import httpx
import pytest

from krake.store import Store
from tests.api.documents import APPLICATIONS, application, config_map
from tests.support.store import add, remove

ECHO = f"{APPLICATIONS}/echo"


async def test_created_application_can_be_read_listed_and_deleted(client: httpx.AsyncClient) -> None:
    created = await client.post(APPLICATIONS, json=application())
    assert created.status_code == 201
    assert created.headers["location"] == ECHO
    shown = created.json()
    assert shown["status"]["state"] == "PENDING"
    assert shown["metadata"]["namespace"] == "testing"
    assert shown["metadata"]["generation"] == 1
    assert (await client.get(ECHO)).json() == shown

    for path in (APPLICATIONS, "/kubernetes/applications"):
        listed = (await client.get(path)).json()
        assert listed["kind"] == "ApplicationList"
        assert listed["items"] == [shown]
        assert listed["metadata"]["revision"] == shown["metadata"]["revision"]
    assert (await client.get("/kubernetes/namespaces/other/applications")).json()["items"] == []

    deleted = await client.delete(ECHO)
    assert deleted.status_code == 200
    assert deleted.json()["metadata"]["deleted"]
    again = await client.delete(ECHO)
    assert again.json() == deleted.json()


async def test_list_is_ordered_and_paged(client: httpx.AsyncClient) -> None:
    for name in ("c", "a", "b"):
        await client.post(APPLICATIONS, json=application(name))
    pages = []
    following = None
    while True:
        parameters = {"limit": 2} | ({"continue": following} if following else {})
        page = (await client.get(APPLICATIONS, params=parameters)).json()
        pages.append([item["metadata"]["name"] for item in page["items"]])
        following = page["metadata"]["continue"]
        if not following:
            break
    assert pages == [["a", "b"], ["c"]]


@pytest.mark.parametrize("count", [0, 3, 7])
async def test_long_list_is_complete(
    client: httpx.AsyncClient, store: Store, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    monkeypatch.setattr("api.listing.PAGE", 3)
    names = [f"app-{number}" for number in range(count)]
    for name in names:
        await add(store, name)
    listed = (await client.get(APPLICATIONS)).json()
    assert [item["metadata"]["name"] for item in listed["items"]] == names
    assert listed["metadata"] == {"revision": count, "continue": None}


async def test_what_belongs_to_the_server_is_ignored_in_a_body(client: httpx.AsyncClient) -> None:
    body = application() | {"status": {"state": "RUNNING", "nonsense": 1}}
    body["metadata"] |= {"uid": 17, "created": "yesterday", "revision": "x", "namespace": "elsewhere"}
    created = (await client.post(APPLICATIONS, json=body)).json()
    assert created["status"]["state"] == "PENDING"
    assert created["metadata"]["uid"] != 17
    assert created["metadata"]["namespace"] == "testing"


async def test_get_modify_put_changes_the_spec(client: httpx.AsyncClient) -> None:
    shown = (await client.post(APPLICATIONS, json=application())).json()
    unchanged = await client.put(ECHO, json=shown)
    assert unchanged.status_code == 200
    assert unchanged.json() == shown

    shown["spec"]["manifest"].append(config_map("more"))
    shown["metadata"]["labels"]["tier"] = "web"
    updated = (await client.put(ECHO, json=shown)).json()
    assert updated["spec"] == shown["spec"]
    assert updated["metadata"]["labels"] == {"tier": "web"}
    assert updated["metadata"]["generation"] == 2
    assert (await client.get(ECHO)).json() == updated


async def test_if_match_keeps_two_clients_from_overwriting_each_other(client: httpx.AsyncClient) -> None:
    first = await client.post(APPLICATIONS, json=application())
    mine, yours = application(backoff=2), application(backoff=3)
    match = {"If-Match": first.headers["etag"]}
    assert (await client.put(ECHO, json=mine, headers=match)).status_code == 200

    refused = await client.put(ECHO, json=yours, headers=match)
    assert refused.status_code == 412
    assert refused.json()["title"] == "TRANSACTION_ERROR"
    assert "changed meanwhile" in refused.json()["detail"]
    assert (await client.get(ECHO)).json()["spec"]["backoff"] == 2

    current = (await client.get(ECHO)).headers["etag"]
    assert (await client.put(ECHO, json=yours, headers={"If-Match": f'"1234", {current}'})).status_code == 200
    assert (await client.put(ECHO, json=mine, headers={"If-Match": "*"})).status_code == 200
    assert (await client.put(ECHO, json=mine, headers={"If-Match": "17"})).status_code == 422


async def test_name_that_exists(client: httpx.AsyncClient) -> None:
    await client.post(APPLICATIONS, json=application())
    taken = await client.post(APPLICATIONS, json=application())
    assert taken.status_code == 409
    assert taken.headers["content-type"] == "application/problem+json"
    problem = taken.json()
    assert problem["title"] == "RESOURCE_ALREADY_EXISTS"
    assert problem["type"].endswith("#resource-already-exists")
    assert problem["detail"] == "Application 'echo' already exists in namespace 'testing'"
    assert problem["instance"] == APPLICATIONS
    assert problem["request_id"] == taken.headers["x-request-id"]


async def test_name_of_which_the_deletion_is_still_running(client: httpx.AsyncClient) -> None:
    await client.post(APPLICATIONS, json=application())
    await client.delete(ECHO)
    taken = await client.post(APPLICATIONS, json=application())
    assert taken.status_code == 409
    assert "deletion is still running" in taken.json()["detail"]

    refused = await client.put(ECHO, json=application(backoff=2))
    assert refused.status_code == 409
    assert refused.json()["title"] == "UPDATE_ERROR"
    assert "is being deleted" in refused.json()["detail"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_missing_application(client: httpx.AsyncClient, method: str) -> None:
    body = application() if method == "PUT" else None
    missing = await client.request(method, ECHO, json=body)
    assert missing.status_code == 404
    assert missing.json()["title"] == "NOT_FOUND_ERROR"
    assert missing.json()["detail"] == "Application 'echo' does not exist in namespace 'testing'"


@pytest.mark.parametrize("field", ["name", "namespace"])
async def test_immutable_fields(client: httpx.AsyncClient, field: str) -> None:
    body = (await client.post(APPLICATIONS, json=application())).json()
    body["metadata"][field] = "another"
    refused = await client.put(ECHO, json=body)
    assert refused.status_code == 400
    assert refused.json()["title"] == "UPDATE_ERROR"
    assert refused.json()["detail"] == f"Trying to update an immutable field: {field}"


async def test_events_say_who_did_what_and_outlive_the_application(
    client: httpx.AsyncClient, store: Store
) -> None:
    created = await client.post(APPLICATIONS, json=application(), headers={"X-Request-ID": "abc-1"})
    assert created.headers["x-request-id"] == "abc-1"
    await client.delete(ECHO)
    await remove(store, await store.get("Application", "testing", "echo"))

    events = (await client.get(f"{ECHO}/events")).json()
    assert events["kind"] == "EventList"
    assert [event["type"] for event in events["items"]] == ["Created", "DeletionRequested", "Removed"]
    assert events["items"][0]["actor"] == "tester"
    assert events["items"][0]["cause"] == "request abc-1"
    later = await client.get(f"{ECHO}/events", params={"after": events["items"][0]["id"], "limit": 1})
    assert [event["type"] for event in later.json()["items"]] == ["DeletionRequested"]
    assert (await client.get(f"{APPLICATIONS}/never/events")).status_code == 404


async def test_decisions_newest_first_and_each_by_its_id(client: httpx.AsyncClient, store: Store) -> None:
    record, other = await add(store), await add(store, "other")
    async with store.transaction() as transaction:
        for name in ("de", "it"):
            decision = {"chosen": {"name": name}, "summary": f"goes to {name}", "margin": 0.5, "trigger": "t"}
            await transaction.record_decision(record, {**decision, "at": "2026-01-01T00:00:00Z", "more": 1})
        await transaction.record_decision(other, {"chosen": None, "summary": "fits nowhere"})
    await remove(store, record)
    heads = (await client.get(f"{ECHO}/decisions")).json()["items"]
    assert [(item["chosen"]["name"], item["summary"]) for item in heads] == [
        ("it", "goes to it"),
        ("de", "goes to de"),
    ]
    assert set(heads[0]) == {"id", "at", "trigger", "chosen", "margin", "summary"}
    whole = (await client.get(f"{ECHO}/decisions/{heads[1]['id']}")).json()
    assert (whole["id"], whole["chosen"]["name"], whole["more"]) == (heads[1]["id"], "de", 1)

    nowhere = (await client.get(f"{APPLICATIONS}/other/decisions")).json()["items"][0]
    assert nowhere["chosen"] is None
    foreign = await client.get(f"{ECHO}/decisions/{nowhere['id']}")
    assert foreign.status_code == 404
    assert "keeps no decision" in foreign.text
    assert (await client.get(f"{APPLICATIONS}/never/decisions")).status_code == 404
    assert (await client.get(f"{ECHO}/decisions/0")).status_code == 422

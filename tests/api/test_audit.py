"""Who did what: one entry for each request that changes something, was to change something, or was denied."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from structlog.testing import capture_logs

from api.audit_subject import subject_of
from api.deps import RequestInfo, Services
from api.problems import ProblemError
from krake.store import Store
from tests.api.documents import APPLICATIONS, CLUSTERS, SECRETS, application, cluster

AUDIT = "/core/audit"
ECHO = f"{APPLICATIONS}/echo"


async def audit(client: httpx.AsyncClient, **params: Any) -> list[dict[str, Any]]:
    """The entries that fit, oldest first."""
    answer = await client.get(AUDIT, params=params)
    assert answer.status_code == 200, answer.text
    # What is denied is written right after its answer, hence perhaps after the next change.
    return sorted(answer.json()["items"], key=lambda entry: str(entry["at"]))


async def told(client: httpx.AsyncClient, **params: Any) -> list[tuple[str, str, str, str, int]]:
    entries = await audit(client, **params)
    return [(one["verb"], one["name"], one["part"], one["result"], one["status"]) for one in entries]


async def test_every_outcome_of_a_write_leaves_one_entry(client: httpx.AsyncClient) -> None:
    headers = {"X-Request-ID": "the-first"}
    await client.post(APPLICATIONS, json=application(), headers=headers)
    await client.post(APPLICATIONS, json=application())
    await client.post(APPLICATIONS, json=application(backoff=-7))
    await client.put(f"{APPLICATIONS}/other", json=application("other"))
    await client.put(ECHO, json=application(), headers={"If-Match": '"999"'})
    await client.put(ECHO, json=application())
    await client.put(f"{ECHO}/rollback", json={"generation": 77})
    await client.delete(ECHO)
    assert await told(client) == [
        ("create", "echo", "", "done", 201),
        ("create", "echo", "", "conflict", 409),
        ("create", "echo", "", "refused", 422),
        ("update", "other", "", "refused", 404),
        ("update", "echo", "", "conflict", 412),
        ("update", "echo", "", "done", 200),
        ("update", "echo", "rollback", "refused", 404),
        ("delete", "echo", "", "done", 200),
    ]
    first = (await audit(client))[0]
    assert (first["user"], first["kind"], first["namespace"]) == ("tester", "Application", "testing")
    assert (first["request_id"], first["source"]) == ("the-first", "127.0.0.1")
    moment = datetime.fromisoformat(first["at"])
    assert abs(datetime.now(UTC) - moment) < timedelta(minutes=1)


async def test_reading_and_rehearsing_leave_none(client: httpx.AsyncClient) -> None:
    await client.get(APPLICATIONS)
    await client.get(f"{APPLICATIONS}/none")
    await client.post(APPLICATIONS, params={"dry_run": "True"}, json=application())
    await client.post(f"{ECHO}/decisions", json={})
    assert await told(client) == []


async def test_denials_are_recorded_for_reading_too(app: FastAPI, client: httpx.AsyncClient) -> None:
    parts: Services = app.state.services

    async def deny(*_: Any) -> Any:
        raise ProblemError(HTTPStatus.UNAUTHORIZED, "The token is not valid")

    with pytest.MonkeyPatch.context() as replaced:
        replaced.setattr(parts, "authenticate", deny)
        await client.get(ECHO)
        await client.delete(ECHO)
    assert await told(client, result="denied") == [
        ("get", "echo", "", "denied", 401),
        ("delete", "echo", "", "denied", 401),
    ]
    assert {entry["user"] for entry in await audit(client)} == {""}


async def test_a_fault_is_recorded(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("on purpose")

    monkeypatch.setattr(RequestInfo, "event", fail)
    with capture_logs():
        assert (await client.post(APPLICATIONS, json=application())).status_code == 500
    assert await told(client) == [("create", "echo", "", "failed", 500)]


async def test_filters_and_pages(client: httpx.AsyncClient) -> None:
    for number in range(5):
        await client.post(APPLICATIONS, json=application(f"a{number}"))
    await client.delete(f"{APPLICATIONS}/a1")
    assert await told(client, verb="delete") == [("delete", "a1", "", "done", 200)]
    assert len(await told(client, kind="Application", namespace="testing", name="a1", user="tester")) == 2
    assert await told(client, namespace="elsewhere") == []
    later = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
    assert await told(client, since=later) == []

    names, token = [], ""
    while token is not None:
        answer = await client.get(AUDIT, params={"limit": 2, **({"continue": token} if token else {})})
        names += [item["name"] for item in answer.json()["items"]]
        token = answer.json()["metadata"]["continue"]
    assert names == ["a1", "a4", "a3", "a2", "a1", "a0"]


async def test_parameters_that_do_not_fit_are_named(client: httpx.AsyncClient) -> None:
    for params, word in (
        ({"result": "maybe"}, "result"),
        ({"since": "yesterday"}, "since"),
        ({"limit": "0"}, "limit"),
        ({"continue": "x"}, "continue"),
        ({"who": "me"}, "who"),
    ):
        answer = await client.get(AUDIT, params=params)
        assert (answer.status_code, word in answer.text) == (422, True), params


async def test_no_body_and_no_secret_is_in_it(client: httpx.AsyncClient) -> None:
    await client.post(CLUSTERS, json=cluster())
    await client.post(CLUSTERS, json=cluster())
    await client.put(f"{CLUSTERS}/de", json={"spec": SECRETS[0]})
    text = (await client.get(AUDIT)).text
    assert text.count('"Cluster"') == 3
    assert not any(secret in text for secret in SECRETS)


async def test_nothing_changes_the_audit(client: httpx.AsyncClient) -> None:
    await client.post(APPLICATIONS, json=application())
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert (await client.request(method, AUDIT)).status_code == 405
    assert (await told(client))[0] == ("create", "echo", "", "done", 201)


async def test_the_entry_is_there_when_the_change_is(client: httpx.AsyncClient, store: Store) -> None:
    """A crash right after the commit takes neither without the other."""
    answer = await client.post(APPLICATIONS, json=application())
    [entry] = await store.audit.read(limit=9)
    [event] = await store.events(name="echo")
    assert answer.headers["X-Request-ID"] == entry.request_id
    assert event.cause.endswith(entry.request_id)


def test_subjects_are_read_from_paths() -> None:
    one = subject_of("PUT", "/kubernetes/namespaces/system%3Aadmin/applications/web/migration")
    assert (one.verb, one.kind, one.namespace, one.name, one.part) == (
        "update",
        "Application",
        "system:admin",
        "web",
        "migration",
    )
    assert subject_of("DELETE", "/core/globalmetrics/load").name == "load"
    assert subject_of("POST", "/nowhere").kind == "/nowhere"
    assert not subject_of("POST", "/temporal/codec/decode").changes
    assert len(subject_of("GET", "/" + "x" * 999).kind) == 255

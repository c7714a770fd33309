"""Nothing is lost, and nothing is sent twice."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from api.revisions import etag_of, is_known, revisions_of
from krake.store import Store
from tests.api.documents import APPLICATIONS, application


@pytest.fixture
def url(sqlite_url: str) -> str:
    """One database is enough here: the contract holds on both."""
    return sqlite_url


async def test_deletion_of_what_somebody_changed_is_refused(client: httpx.AsyncClient) -> None:
    made = await client.post(APPLICATIONS, json=application())
    await client.put(f"{APPLICATIONS}/echo", json=application(backoff=2))
    lost = await client.delete(f"{APPLICATIONS}/echo", headers={"If-Match": made.headers["ETag"]})
    assert (lost.status_code, lost.json()["title"]) == (412, "TRANSACTION_ERROR")
    etag = (await client.get(f"{APPLICATIONS}/echo")).headers["ETag"]
    assert (await client.delete(f"{APPLICATIONS}/echo", headers={"If-Match": etag})).status_code == 200


async def test_what_the_client_has_is_not_sent_again(client: httpx.AsyncClient) -> None:
    made = await client.post(APPLICATIONS, json=application())
    etag = made.headers["ETag"]
    assert etag == f'"{made.json()["metadata"]["revision"]}"'
    for header in (etag, f'"1", W/{etag}', "*"):
        same = await client.get(f"{APPLICATIONS}/echo", headers={"If-None-Match": header})
        assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", etag)
    await client.put(f"{APPLICATIONS}/echo", json=application(backoff=2))
    changed = await client.get(f"{APPLICATIONS}/echo", headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["ETag"] != etag


def test_state_that_becomes_unknown_by_time_is_another_answer() -> None:
    unknown = etag_of(17, {"status": {"state": "UNKNOWN"}})
    assert not is_known(unknown, etag_of(17, {"status": {"state": "RUNNING"}}))
    assert revisions_of(unknown) == frozenset({17})
    assert revisions_of('W/"3", "4"') == frozenset({3, 4})


async def test_rehearsed_deletion_changes_nothing(client: httpx.AsyncClient, store: Store) -> None:
    await client.post(APPLICATIONS, json=application())
    answer = await client.delete(f"{APPLICATIONS}/echo", params={"dry_run": "True"})
    assert answer.status_code == 200
    assert answer.json()["kind"] == "DryRun"
    deleted = datetime.fromisoformat(answer.json()["resource"]["metadata"]["deleted"])
    assert deleted <= datetime.now(UTC)
    assert (await store.get("Application", "testing", "echo")).deleted is None


@pytest.mark.parametrize("header", ["17", '"x"', '"1",', '"' + "9" * 30 + '"'])
async def test_header_that_was_never_an_etag(client: httpx.AsyncClient, header: str) -> None:
    await client.post(APPLICATIONS, json=application())
    answer = await client.put(f"{APPLICATIONS}/echo", json=application(), headers={"If-Match": header})
    assert answer.status_code == 422

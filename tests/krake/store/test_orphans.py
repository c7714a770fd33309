"""Objects that were left on clusters, and requests that wait for a lifecycle."""

from __future__ import annotations

from datetime import UTC, datetime

from krake.models.orphans import Orphan
from krake.store import Store
from tests.support.store import add, set_status


def orphan(name: str, cluster_uid: str = "c-1") -> Orphan:
    return Orphan(
        at=datetime(2026, 1, 2, tzinfo=UTC),
        namespace="testing",
        cluster="de",
        cluster_uid=cluster_uid,
        application="echo",
        application_uid="a-1",
        api_version="v1",
        kind="Service",
        object_namespace="default",
        object_name=name,
        object_uid="o-1",
        reason="the cluster did not answer",
    )


async def test_orphans_are_found_by_their_cluster_until_they_are_removed(store: Store) -> None:
    async with store.transaction() as transaction:
        for item in (orphan("one"), orphan("two"), orphan("three", "c-2")):
            await transaction.add_orphan(item)
    found = await store.orphans(cluster_uid="c-1")
    assert [(item.object_name, item.id > 0) for item in found] == [("one", True), ("two", True)]
    assert found[0] == orphan("one").model_copy(update={"id": found[0].id})
    async with store.transaction() as transaction:
        for _ in range(2):
            await transaction.remove_orphan(found[0].id)
    assert [item.object_name for item in await store.orphans(namespace="testing")] == ["two", "three"]
    assert await store.orphans(cluster_uid="c-1", application_uid="a-2") == []


async def test_a_resource_with_a_request_has_something_left_to_do(store: Store) -> None:
    record = await set_status(store, await add(store), observed_generation=1)
    assert await store.unobserved(10) == []
    request = {"id": "r-1", "kind": "migrate", "at": "2026-01-02T00:00:00Z"}
    record = await set_status(store, record, request=request)
    assert await store.unobserved(10) == [record]
    await set_status(store, record, request=None)
    assert await store.unobserved(10) == []

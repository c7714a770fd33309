"""Failed rollouts return on real clusters, and a burst of updates ends in the newest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.support.kubernetes import CONFIG_MAPS, DEPLOYMENTS, Kubernetes
from tests.support.manifests import IMAGE_PULL, config_map, deployment
from tests.support.user import User
from tests.support.waiting import until

IN_GERMANY = ("-L", "location is DE")


@pytest.fixture
async def http(rok: User) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the API that is not `rok`: ten updates a second need one."""
    async with rok.krake.http(f"/kubernetes/namespaces/{rok.namespace}/applications/") as client:
        yield client


async def put(http: httpx.AsyncClient, name: str, document: dict[str, Any], **spec: Any) -> None:
    """Change fields of the spec."""
    changed = {**document, "spec": {**document["spec"], **spec}}
    assert (await http.put(name, json=changed)).status_code == 200


async def test_a_rollout_that_never_gets_ready_returns_to_the_last_good_generation(
    rok: User, http: httpx.AsyncClient, de: Kubernetes, name: str
) -> None:
    good = (deployment(name, replicas=2), config_map(name))
    (await rok.create(name, *good, more=(*IN_GERMANY, "--rollback", "--wait"))).ok()
    before = await de.get(f"{CONFIG_MAPS}/{name}")
    stuck = deployment(name, replicas=2, state=IMAGE_PULL, image="registry.test/app:2")
    manifest = [stuck, config_map(f"{name}-new")]
    await put(http, name, await rok.get(name), manifest=manifest, readiness_timeout=2)

    status: dict[str, Any] = {}

    async def returned() -> bool:
        status.update((await rok.seen(name))["status"])
        return (status["observed_generation"], status["state"]) == (3, "RUNNING")

    await until("the application is back", returned)
    assert (status["rolled_back"]["from"], status["rolled_back"]["to"]) == (2, 1)
    assert "ImagePullBackOff" in status["rolled_back"]["reason"]
    await de.until_replicas(name, 2)
    live = await de.get(f"{DEPLOYMENTS}/{name}")
    assert live["spec"]["template"]["spec"]["containers"][0]["image"] == "registry.test/app:1"
    assert (await de.get(f"{CONFIG_MAPS}/{name}"))["metadata"]["uid"] == before["metadata"]["uid"]
    assert await de.find(f"{CONFIG_MAPS}/{name}-new") is None
    items = (await rok("kube", "app", "history", name, "-o", "json")).ok().json["items"]
    assert [item["state"] for item in items] == ["current", "failed", "good"]
    (await rok.delete(name, "--wait")).ok()


async def test_a_burst_of_updates_ends_in_the_newest_and_leaves_nothing_behind(
    rok: User, http: httpx.AsyncClient, de: Kubernetes, name: str
) -> None:
    (await rok.create(name, config_map(f"{name}-0"), more=(*IN_GERMANY, "--wait"))).ok()
    document = await rok.get(name)
    for number in range(1, 11):
        objects = [config_map(f"{name}-{number}"), config_map(name, n=str(number))]
        await put(http, name, document, manifest=objects)

    async def newest() -> bool:
        return bool((await rok.seen(name))["status"]["observed_generation"] == 11)

    # Temporal lists a run a little after it has begun: none listed does not mean that none runs.
    await until("the newest is observed", newest)
    await rok.until_idle(name)

    uid, status = document["metadata"]["uid"], (await rok.get(name))["status"]
    assert (status["state"], status["observed_generation"]) == ("RUNNING", 11)
    assert await de.owned(uid) == sorted([f"configmaps/{name}", f"configmaps/{name}-10"])
    assert (await de.get(f"{CONFIG_MAPS}/{name}"))["data"] == {"n": "10"}
    assert {item["name"] for item in status["objects"]} == {name, f"{name}-10"}
    (await rok.delete(name, "--wait")).ok()
    assert await de.owned(uid) == []

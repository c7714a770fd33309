"""`kill -9` in the middle of the work: it is completed after the restart, once; nothing is left."""

from __future__ import annotations

import pytest

from tests.support.kubernetes import CONFIG_MAPS, DEPLOYMENTS, Kubernetes
from tests.support.manifests import IMAGE_PULL, STATE, config_map, deployment, service
from tests.support.stack import Krake
from tests.support.user import User
from tests.support.waiting import until

IN_GERMANY = ("-L", "location is DE")
HOLD = "example.org/hold"
PARTS = ["worker", "api", "temporal"]
NOWHERE = "127.0.0.1:1"


async def crash(krake: Krake, part: str) -> None:
    """Kill a part, and start it again."""
    victim = {one.spec.name: one for one in krake.parts}[part]
    victim.kill()
    await victim.start()


async def let_pods_start(cluster: Kubernetes, name: str) -> None:
    """Take the annotation away that keeps the Pods of a Deployment from getting ready."""
    pods = await cluster.pods(name)
    for pod in pods:
        path = f"/api/v1/namespaces/default/pods/{pod['metadata']['name']}"
        await cluster.merge(path, {"metadata": {"annotations": {STATE: None}}})


async def nothing_is_left(rok: User, name: str, uid: str, *clusters: Kubernetes) -> None:
    """Neither objects nor an open workflow nor a row."""
    for cluster in clusters:
        assert await cluster.owned(uid) == []
    await rok.until_idle(name)
    async with rok.krake.store() as store:
        assert await store.get_by_uid(uid) is None


@pytest.mark.parametrize("part", PARTS)
async def test_a_deployment_goes_on(
    krake_up: Krake, rok: User, de: Kubernetes, it: Kubernetes, name: str, part: str
) -> None:
    objects = (deployment(name, replicas=2, state=IMAGE_PULL), service(name), config_map(name))
    (await rok.create(name, *objects, more=IN_GERMANY)).ok()
    await rok.until_state(name, "CREATING", says="Back-off pulling image")
    uid, before = await rok.uid(name), await de.get(f"{DEPLOYMENTS}/{name}")

    await crash(krake_up, part)
    await let_pods_start(de, name)
    await rok.until_state(name, "RUNNING", seconds=60)
    wanted = sorted(f"{kind}/{name}" for kind in ("configmaps", "deployments", "services"))
    assert await de.owned(uid) == wanted
    assert await it.owned(uid) == []
    after = await de.get(f"{DEPLOYMENTS}/{name}")
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert after["metadata"]["generation"] == before["metadata"]["generation"]
    assert len(await de.pods(name)) == 2
    await rok.until_idle(name)
    (await rok.delete(name, "--wait")).ok()
    await nothing_is_left(rok, name, uid, de, it)


@pytest.mark.parametrize("part", PARTS)
async def test_a_deletion_goes_on(
    krake_up: Krake, rok: User, de: Kubernetes, it: Kubernetes, name: str, part: str
) -> None:
    objects = (deployment(name), config_map(name, finalizer=HOLD))
    (await rok.create(name, *objects, more=(*IN_GERMANY, "--wait"))).ok()
    uid = await rok.uid(name)
    (await rok.delete(name)).ok()

    async def held() -> bool:
        found = await de.get(f"{CONFIG_MAPS}/{name}")
        return "deletionTimestamp" in found["metadata"]

    await until("the ConfigMap is being deleted", held)
    await crash(krake_up, part)
    await rok.until_state(name, "DELETING", seconds=10)
    await de.merge(f"{CONFIG_MAPS}/{name}", {"metadata": {"finalizers": None}})
    await rok.until_gone(name, seconds=60)
    await nothing_is_left(rok, name, uid, de, it)


async def test_the_api_dies_right_after_it_has_answered(
    krake_up: Krake, rok: User, de: Kubernetes, it: Kubernetes, name: str
) -> None:
    (await rok.create(name, deployment(name), more=IN_GERMANY)).ok()
    krake_up.api.kill()
    await de.until_there(f"{DEPLOYMENTS}/{name}")
    await krake_up.api.start()
    await rok.until_state(name, "RUNNING")
    uid = await rok.uid(name)
    assert await de.owned(uid) == [f"deployments/{name}"]

    (await rok.delete(name)).ok()
    await crash(krake_up, "api")
    await rok.until_gone(name)
    await nothing_is_left(rok, name, uid, de, it)


async def test_a_wake_up_that_was_lost_is_made_up_for(
    krake_up: Krake, rok: User, de: Kubernetes, it: Kubernetes, name: str
) -> None:
    await krake_up.api.stop()
    # This API commits, and can tell nobody.
    krake_up.api.launch({"KRAKE_TEMPORAL_ADDRESS": NOWHERE})

    async def created() -> bool:
        return (await rok.create(name, config_map(name), more=IN_GERMANY)).code == 0

    await until("the application is created", created)
    krake_up.api.kill()
    # The Sweep alone finds it: no API runs. A worker that was killed before may have to start first.
    await de.until_there(f"{CONFIG_MAPS}/{name}", seconds=60)
    await krake_up.api.start()
    await rok.until_state(name, "RUNNING")
    uid = await rok.uid(name)

    await krake_up.api.stop()
    krake_up.api.launch({"KRAKE_TEMPORAL_ADDRESS": NOWHERE})

    async def deleted() -> bool:
        return (await rok.delete(name)).code in (0, 3)

    await until("the deletion is accepted", deleted)
    krake_up.api.kill()
    await krake_up.api.start()
    await rok.until_gone(name)
    await nothing_is_left(rok, name, uid, de, it)


async def test_everything_dies_at_once(
    krake_up: Krake, rok: User, de: Kubernetes, it: Kubernetes, name: str
) -> None:
    doomed, fresh = f"{name}-old", f"{name}-new"
    (await rok.create(doomed, config_map(doomed, finalizer=HOLD), more=(*IN_GERMANY, "--wait"))).ok()
    (await rok.create(fresh, deployment(fresh, state=IMAGE_PULL), more=IN_GERMANY)).ok()
    uids = {one: await rok.uid(one) for one in (doomed, fresh)}
    (await rok.delete(doomed)).ok()
    await rok.until_state(fresh, "CREATING", says="Back-off pulling image")
    for part in krake_up.parts:
        part.kill()
    await let_pods_start(de, fresh)
    await de.merge(f"{CONFIG_MAPS}/{doomed}", {"metadata": {"finalizers": None}})
    await krake_up.up()
    await rok.until_state(fresh, "RUNNING", seconds=60)
    await rok.until_gone(doomed, seconds=60)
    assert await de.owned(uids[fresh]) == [f"deployments/{fresh}"]
    (await rok.delete(fresh, "--wait")).ok()
    for one, uid in uids.items():
        await nothing_is_left(rok, one, uid, de, it)

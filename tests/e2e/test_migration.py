"""Moves between two real clusters: what a client sees, what is left, and what makes them fail."""

from __future__ import annotations

from krake.embedded.control_plane import APISERVER, SCHEDULER
from krake.embedded.sandbox import Sandbox
from tests.e2e.test_crashes import crash
from tests.support.availability import watched
from tests.support.kubernetes import CONFIG_MAPS, DEPLOYMENTS, Kubernetes
from tests.support.manifests import config_map, deployment, service
from tests.support.stack import Krake
from tests.support.user import User

IN_GERMANY = ("-L", "location is DE")
PENDING = "1 replicas available"
"""What a Deployment says whose Pods wait for a scheduler."""


async def on_de(rok: User, name: str) -> str:
    """An application that runs on `de` and may run on both clusters; returns its uid."""
    objects = (deployment(name), service(name), config_map(name))
    (await rok.create(name, *objects, more=(*IN_GERMANY, "--wait"))).ok()
    more = ("--remove-existing-label-constraints", "--wait")
    (await rok("kube", "app", "update", name, *more)).ok()
    return await rok.uid(name)


def owned(name: str) -> list[str]:
    """What the application's cluster has of it."""
    return sorted(f"{kind}/{name}" for kind in ("configmaps", "deployments", "services"))


async def stayed(rok: User, name: str, uid: str, de: Kubernetes, it: Kubernetes) -> None:
    """It runs on the source, whole, and nothing of it is on the target."""
    status = await rok.until_state(name, "RUNNING")
    assert status["running_on"]["name"] == status["scheduled_to"]["name"] == "de"
    assert status["migration"] is None
    assert (await de.owned(uid), await it.owned(uid)) == (owned(name), [])
    await rok.until_idle(name)
    (await rok.delete(name, "--wait")).ok()


async def moved(rok: User, name: str, uid: str, de: Kubernetes, it: Kubernetes) -> None:
    """It runs on the target, whole, and nothing of it is on the source."""
    status = await rok.until_state(name, "RUNNING")
    assert status["running_on"]["name"] == status["scheduled_to"]["name"] == "it"
    assert status["migration"] is None
    assert status["last_migration"]["outcome"] == "succeeded"
    assert (await de.owned(uid), await it.owned(uid)) == ([], owned(name))
    await rok.until_idle(name)
    (await rok.delete(name, "--wait")).ok()


async def test_a_client_always_finds_a_ready_copy(
    rok: User, de: Kubernetes, it: Kubernetes, name: str
) -> None:
    uid = await on_de(rok, name)
    planned = (await rok("kube", "app", "migrate", name, "--to", "it", "--dry-run")).ok().out
    assert "it: the only cluster that fits" in planned
    async with watched(name, de, it) as watcher:
        answer = await rok("kube", "app", "migrate", name, "--to", "it", "--wait")
    assert f"Application '{name}' runs on it" in answer.ok().err
    for step in ("applying 3 objects on it", "removing its objects from de"):
        assert step in answer.err
    assert all(watcher.looks), "no copy was ready for a moment"
    assert (watcher.looks[0], watcher.looks[-1]) == ({"de"}, {"it"})
    await moved(rok, name, uid, de, it)


async def test_a_constraint_takes_the_new_version_to_the_other_cluster_only(
    rok: User, de: Kubernetes, it: Kubernetes, name: str
) -> None:
    (await rok.create(name, config_map(name, key="old"), more=(*IN_GERMANY, "--wait"))).ok()
    uid = await rok.uid(name)
    with it.frozen(APISERVER):
        update = (config_map(name, key="new"), config_map(f"{name}-2", key="new"))
        (await rok.update(name, *update, more=("-L", "location is IT"))).ok()
        await rok.until_state(name, "MIGRATING")
        assert (await de.get(f"{CONFIG_MAPS}/{name}"))["data"] == {"key": "old"}
        assert await de.owned(uid) == [f"configmaps/{name}"]
        shown = (await rok("kube", "app", "get", name)).ok().out
        assert "from de to it" in shown
        assert "objects on it" in shown
    # The move fails when the cluster was silent for too long, and is made again after a while.
    status = await rok.until_state(name, "RUNNING", seconds=60)
    assert status["running_on"]["name"] == "it"
    assert (await it.get(f"{CONFIG_MAPS}/{name}"))["data"] == {"key": "new"}
    assert await de.owned(uid) == []
    (await rok.delete(name, "--wait")).ok()
    assert await it.owned(uid) == []


async def test_what_the_target_refuses_is_undone(
    rok: User, de: Kubernetes, it: Kubernetes, name: str
) -> None:
    uid = await on_de(rok, name)
    await it.create(CONFIG_MAPS, config_map(name, key="theirs"))
    answer = await rok("kube", "app", "migrate", name, "--wait")
    assert answer.code == 1
    assert "failed; it is RUNNING on de" in answer.err
    assert f"ConfigMap/{name} is there already and managed by somebody else" in answer.err
    assert (await it.get(f"{CONFIG_MAPS}/{name}"))["data"] == {"key": "theirs"}
    await it.delete(f"{CONFIG_MAPS}/{name}")
    await stayed(rok, name, uid, de, it)


async def test_a_user_cancels(rok: User, de: Kubernetes, it: Kubernetes, name: str) -> None:
    uid = await on_de(rok, name)
    assert (await rok("kube", "app", "cancel", name)).code == 4
    with it.frozen(SCHEDULER):
        (await rok("kube", "app", "migrate", name)).ok()
        await rok.until_state(name, "MIGRATING", says=f"waiting for Deployment/{name}")
        assert await it.find(f"{DEPLOYMENTS}/{name}")
        (await rok("kube", "app", "cancel", name)).ok()
        await rok.until_state(name, "RUNNING")
    assert (await rok.get(name))["status"]["last_migration"]["outcome"] == "cancelled"
    await stayed(rok, name, uid, de, it)


async def test_a_worker_that_dies_between_two_steps_is_made_up_for(
    krake_up: Krake, rok: User, de: Kubernetes, it: Kubernetes, name: str
) -> None:
    uid = await on_de(rok, name)
    with it.frozen(SCHEDULER):
        (await rok("kube", "app", "migrate", name)).ok()
        await rok.until_state(name, "MIGRATING", says=f"waiting for Deployment/{name}")
        await crash(krake_up, "worker")
    await moved(rok, name, uid, de, it)


async def test_what_is_on_its_way_can_be_deleted(
    rok: User, de: Kubernetes, it: Kubernetes, name: str
) -> None:
    uid = await on_de(rok, name)
    with it.frozen(SCHEDULER):
        (await rok("kube", "app", "migrate", name)).ok()
        await rok.until_state(name, "MIGRATING", says=f"waiting for Deployment/{name}")
        (await rok.delete(name, "--wait", "--timeout", "30s")).ok()
    assert (await de.owned(uid), await it.owned(uid)) == ([], [])
    await rok.until_idle(name)


async def test_a_dead_source_holds_nothing_up(
    newcomer: User, sandboxes: dict[str, Sandbox], de: Kubernetes, it: Kubernetes, name: str
) -> None:
    rok = newcomer
    for sandbox in sandboxes.values():
        (await rok.register(sandbox)).ok()
    uid = await on_de(rok, name)
    with de.frozen(APISERVER):
        await rok.until_state("de", "OFFLINE", kind="cluster")
        answer = await rok("kube", "app", "migrate", name, "--wait", "--timeout", "30s")
        assert f"Application '{name}' runs on it" in answer.ok().err
        async with rok.krake.store() as store:
            left = await store.orphans(application_uid=uid)
    assert {one.cluster for one in left} == {"de"}
    assert sorted(f"{one.kind}/{one.object_name}" for one in left) == [
        f"{kind}/{name}" for kind in ("ConfigMap", "Deployment", "Service")
    ]
    assert await it.owned(uid) == owned(name)
    (await rok.delete(name, "--wait")).ok()
    for path in (
        f"{CONFIG_MAPS}/{name}",
        f"{DEPLOYMENTS}/{name}",
        f"/api/v1/namespaces/default/services/{name}",
    ):
        if await de.find(path):
            await de.delete(path)

"""Moves between two real clusters: what a client sees, what is left, and what makes them fail."""

from __future__ import annotations

from dataclasses import dataclass

from krake.embedded.control_plane import APISERVER, SCHEDULER
from krake.embedded.sandbox import Sandbox
from tests.e2e.test_crashes import crash
from tests.support.availability import watched
from tests.support.kubernetes import CONFIG_MAPS, DEPLOYMENTS, SERVICES, Kubernetes
from tests.support.manifests import config_map, deployment, service
from tests.support.stack import Krake
from tests.support.user import User

IN_GERMANY = ("-L", "location is DE")


@dataclass(frozen=True)
class Case:
    """An application that runs on one of two clusters, to be moved to the other."""

    rok: User
    name: str
    uid: str
    source: Kubernetes
    target: Kubernetes

    async def migrate(self, *more: str) -> None:
        """Ask for the move, and wait until its objects are at the target and cannot get ready there."""
        (await self.rok("kube", "app", "migrate", self.name, *more)).ok()
        waiting = f"Deployment/{self.name}: 0 of 1 replicas available"
        await self.rok.until_state(self.name, "MIGRATING", says=waiting)
        assert await self.target.find(f"{DEPLOYMENTS}/{self.name}")

    async def runs_on(self, cluster: Kubernetes) -> None:
        """It runs there, whole, nothing of it is on the other cluster, and it can be deleted."""
        status = await self.rok.until_state(self.name, "RUNNING", seconds=60)
        assert status["running_on"]["name"] == status["scheduled_to"]["name"] == cluster.name
        assert status["migration"] is None
        other = self.source if cluster is self.target else self.target
        wanted = sorted(f"{kind}/{self.name}" for kind in ("configmaps", "deployments", "services"))
        assert (await cluster.owned(self.uid), await other.owned(self.uid)) == (wanted, [])
        await self.rok.until_idle(self.name)
        (await self.rok.delete(self.name, "--wait")).ok()


async def deployed(rok: User, name: str, *clusters: Kubernetes) -> Case:
    """An application on whichever cluster the scheduler likes."""
    (await rok.create(name, deployment(name), service(name), config_map(name), more=("--wait",))).ok()
    document = await rok.get(name)
    there = document["status"]["running_on"]["name"]
    source, target = sorted(clusters, key=lambda cluster: cluster.name != there)
    return Case(rok, name, document["metadata"]["uid"], source, target)


async def test_a_client_always_finds_a_ready_copy(
    rok: User, de: Kubernetes, it: Kubernetes, name: str
) -> None:
    case = await deployed(rok, name, de, it)
    source, target = case.source.name, case.target.name
    planned = (await rok("kube", "app", "migrate", name, "--to", target, "--dry-run")).ok().out
    assert f"{target}: the only cluster that fits" in planned
    async with watched(name, de, it) as watcher:
        answer = await rok("kube", "app", "migrate", name, "--to", target, "--wait")
    assert f"Application '{name}' runs on {target}" in answer.ok().err
    for step in (f"applying 3 objects on {target}", f"removing its objects from {source}"):
        assert step in answer.err
    assert all(watcher.looks), "no copy was ready for a moment"
    assert (set(watcher.looks[0]), set(watcher.looks[-1])) == ({source}, {target})
    await case.runs_on(case.target)


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
    case = await deployed(rok, name, de, it)
    await case.target.create(CONFIG_MAPS, config_map(name, key="theirs"))
    answer = await rok("kube", "app", "migrate", name, "--wait")
    assert answer.code == 1
    assert f"failed; it is RUNNING on {case.source.name}" in answer.err
    assert f"ConfigMap/{name} is there already and managed by somebody else" in answer.err
    assert (await case.target.get(f"{CONFIG_MAPS}/{name}"))["data"] == {"key": "theirs"}
    await case.target.delete(f"{CONFIG_MAPS}/{name}")
    await case.runs_on(case.source)


async def test_a_user_cancels(rok: User, de: Kubernetes, it: Kubernetes, name: str) -> None:
    case = await deployed(rok, name, de, it)
    assert (await rok("kube", "app", "cancel", name)).code == 4
    with case.target.frozen(SCHEDULER):
        await case.migrate()
        (await rok("kube", "app", "cancel", name)).ok()
        await rok.until_state(name, "RUNNING")
    assert (await rok.get(name))["status"]["last_migration"]["outcome"] == "cancelled"
    await case.runs_on(case.source)


async def test_a_worker_that_dies_between_two_steps_is_made_up_for(
    krake_up: Krake, rok: User, de: Kubernetes, it: Kubernetes, name: str
) -> None:
    case = await deployed(rok, name, de, it)
    with case.target.frozen(SCHEDULER):
        await case.migrate()
        await crash(krake_up, "worker")
    await case.runs_on(case.target)


async def test_what_is_on_its_way_can_be_deleted(
    rok: User, de: Kubernetes, it: Kubernetes, name: str
) -> None:
    case = await deployed(rok, name, de, it)
    with case.target.frozen(SCHEDULER):
        await case.migrate()
        (await rok.delete(name, "--wait", "--timeout", "30s")).ok()
    assert (await de.owned(case.uid), await it.owned(case.uid)) == ([], [])
    await rok.until_idle(name)


async def test_a_dead_source_holds_nothing_up(
    newcomer: User, sandboxes: dict[str, Sandbox], de: Kubernetes, it: Kubernetes, name: str
) -> None:
    rok = newcomer
    for sandbox in sandboxes.values():
        (await rok.register(sandbox)).ok()
    case = await deployed(rok, name, de, it)
    with case.source.frozen(APISERVER):
        await rok.until_state(case.source.name, "OFFLINE", kind="cluster")
        answer = await rok("kube", "app", "migrate", name, "--wait", "--timeout", "30s")
        assert f"Application '{name}' runs on {case.target.name}" in answer.ok().err
        async with rok.krake.store() as store:
            left = await store.orphans(application_uid=case.uid)
    assert {one.cluster for one in left} == {case.source.name}
    assert sorted(f"{one.kind}/{one.object_name}" for one in left) == [
        f"{kind}/{name}" for kind in ("ConfigMap", "Deployment", "Service")
    ]
    assert len(await case.target.owned(case.uid)) == 3
    (await rok.delete(name, "--wait")).ok()
    for collection in (CONFIG_MAPS, DEPLOYMENTS, SERVICES):
        if await case.source.find(f"{collection}/{name}"):
            await case.source.delete(f"{collection}/{name}")

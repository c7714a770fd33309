"""A cluster that does not answer for a while: said, waited for, and no burden on the others."""

from __future__ import annotations

from krake.embedded.control_plane import APISERVER
from krake.embedded.sandbox import Sandbox
from tests.support.kubernetes import Kubernetes
from tests.support.manifests import config_map, deployment
from tests.support.user import User


async def test_a_cluster_goes_and_comes_back(
    newcomer: User, sandboxes: dict[str, Sandbox], de: Kubernetes, it: Kubernetes, name: str
) -> None:
    rok, other = newcomer, f"{name}-2"
    for sandbox in sandboxes.values():
        (await rok.register(sandbox)).ok()
    (await rok.create(name, config_map(name), more=("-L", "location is DE", "--wait"))).ok()
    uid, stays = await rok.uid(name), f"{name}-stays"
    more = ("-L", "location is DE", "--disable-migration", "--wait")
    (await rok.create(stays, config_map(stays), more=more)).ok()

    with de.frozen(APISERVER):
        status = await rok.until_state("de", "OFFLINE", says="CLUSTER_NOT_REACHABLE", kind="cluster")
        assert "cluster de does not answer" in status["reason"]["message"]
        (await rok.delete(name)).ok()
        await rok.until_state(name, "DELETING", says="cluster de does not answer")

        # Meanwhile everything goes on elsewhere, and nothing is placed on the dead cluster.
        created = await rok.create(other, deployment(other), more=("--wait", "--timeout", "20s"))
        assert "is RUNNING" in created.ok().err
        await it.until_replicas(other, 1)
        (await rok.delete(other, "--wait", "--timeout", "20s")).ok()
        await rok.until_state(name, "DELETING")
        await rok.until_state(stays, "UNKNOWN", says="was RUNNING then")

    await rok.until_state("de", "ONLINE", kind="cluster")
    await rok.until_gone(name)
    await rok.until_state(stays, "RUNNING")
    (await rok.delete(stays, "--wait")).ok()
    assert await de.owned(uid) == []
    await rok.until_idle(name)


async def test_a_deployment_waits_for_its_cluster(
    newcomer: User, sandboxes: dict[str, Sandbox], de: Kubernetes, name: str
) -> None:
    rok = newcomer
    (await rok.register(sandboxes["de"])).ok()
    with de.frozen(APISERVER):
        (await rok.create(name, config_map(name))).ok()
        # Either the attempt found out, or the observer did before it.
        status = await rok.until_state(name, "DEGRADED")
        assert status["reason"]["code"] in ("CLUSTER_NOT_REACHABLE", "NO_SUITABLE_RESOURCE")
        assert "de" in status["reason"]["message"].split()
    await rok.until_state(name, "RUNNING")
    assert (await rok.get(name))["status"]["reason"] is None
    (await rok.delete(name, "--wait")).ok()

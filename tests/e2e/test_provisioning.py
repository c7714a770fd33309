"""Clusters that Krake makes: real processes, real control planes, and `kill -9` at every step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from krake.embedded.sandbox import Sandbox
from krake.embedded.sandboxes import list_sandboxes
from tests.support.manifests import deployment
from tests.support.stack import Krake
from tests.support.user import User
from tests.support.waiting import until

Document = dict[str, Any]

CLOUD = """\
api: infrastructure
kind: InfrastructureProvider
metadata: {name: sandboxes}
spec: {type: custom, custom: {name: sandbox}}
---
api: infrastructure
kind: Cloud
metadata: {name: here, labels: {location: DE}}
spec:
  type: custom
  custom: {infrastructure_provider: {name: sandboxes, namespaced: true}, options: {limit: 1}}
"""
CLUSTER = """\
api: kubernetes
kind: Cluster
metadata: {name: %s}
spec: {infrastructure: {nodes: %d, flavor: %s}, constraints: {cloud: {labels: [location is DE]}}}
"""

MAKING: dict[str, Callable[[Document], Any]] = {
    "the cloud is about to be asked": lambda status: status.get("running_on"),
    "the cloud was asked": lambda status: status.get("cluster_id"),
    "the cloud is at work": lambda status: (status.get("provisioning") or {}).get("checked_at"),
    "the kubeconfig is there": lambda status: status.get("kubeconfig_at"),
}


async def crash(krake: Krake) -> None:
    """`kill -9` the worker, and start it again."""
    krake.worker.kill()
    await krake.worker.start()


def here(krake: Krake) -> list[Sandbox]:
    """What is at the cloud."""
    return [one for one in list_sandboxes(krake.settings.state_dir) if "-krake-" in one.name]


async def until_status(krake: Krake, uid: str, what: str, holds: Callable[[Document], Any]) -> None:
    """Wait until a cluster's status in the store shows something."""
    async with krake.store() as store:

        async def shows() -> bool:
            record = await store.get_by_uid(uid)
            return record is not None and bool(holds(record.status))

        await until(what, shows, seconds=90)


async def test_a_cluster_lives_through_a_crash_at_every_step(
    krake_up: Krake, newcomer: User, name: str
) -> None:
    (await newcomer("apply", "-f", newcomer.text_file(CLOUD))).ok()
    (await newcomer("apply", "-f", newcomer.text_file(CLUSTER % (name, 1, "small")))).ok()
    uid = (await newcomer.get(name, "cluster"))["metadata"]["uid"]
    for step, holds in MAKING.items():
        await until_status(krake_up, uid, step, holds)
        await crash(krake_up)
    await newcomer.until_state(name, "ONLINE", kind="cluster", seconds=90)
    assert len(here(krake_up)) == 1

    (await newcomer.create(name, deployment(name), more=("--wait", "--timeout", "60s"))).ok()
    (await newcomer("apply", "-f", newcomer.text_file(CLUSTER % (name, 3, "small")))).ok()
    await until_status(
        krake_up, uid, "it changes", lambda status: status["provisioning"]["phase"] == "changing"
    )
    await crash(krake_up)
    await until_status(krake_up, uid, "it has three nodes", lambda status: len(status["nodes"]) == 3)
    assert [one.spec.nodes for one in here(krake_up)] == [3]

    (await newcomer("kube", "cluster", "delete", name, "--policy", "cascade")).ok()
    await until_status(
        krake_up, uid, "it is removed", lambda status: status["provisioning"]["phase"] == "deleting"
    )
    await crash(krake_up)
    await newcomer.until_gone(name, kind="cluster", seconds=90)
    assert here(krake_up) == []
    await newcomer.until_gone(name)


async def test_what_somebody_has_to_mend_is_told(krake: Krake, newcomer: User, name: str) -> None:
    (await newcomer("apply", "-f", newcomer.text_file(CLOUD))).ok()
    (await newcomer("apply", "-f", newcomer.text_file(CLUSTER % (name, 1, "huge")))).ok()
    status = await newcomer.until_state(name, "FAILED", says="there is no flavor 'huge'", kind="cluster")
    assert status["running_on"] is None
    answer = await newcomer("infra", "cloud", "get", "here")
    assert "ONLINE" in answer.ok().out
    (await newcomer("kube", "cluster", "delete", name)).ok()
    await newcomer.until_gone(name, kind="cluster")
    assert here(krake) == []

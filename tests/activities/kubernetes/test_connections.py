"""Reaching clusters: credentials, restarts, watches that go on."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from activities.kubernetes.connections import Connections
from activities.kubernetes.discovery import ServedKind
from activities.kubernetes.errors import ClusterError
from activities.kubernetes.verifying import VerifyingActivities
from activities.kubernetes.watch import KindWatch
from krake.embedded.credentials import User
from krake.embedded.sandbox import Sandbox
from krake.messages.lifecycle import Plan, Step
from krake.models.reasons import ReasonCode
from krake.store import NewEvent, Store
from tests.activities.workbench import NAMESPACE, Workbench, nowhere, register, run, target_of
from tests.support.manifests import config_map
from tests.support.servers import sandbox_cluster
from tests.support.waiting import until

CONFIG_MAPS = ServedKind("v1", "ConfigMap", "configmaps", namespaced=True)


def kubeconfig(sandbox: Sandbox, **how: Any) -> dict[str, Any]:
    """The sandbox's kubeconfig of a user, or with another token."""
    return dict(yaml.safe_load(sandbox.kubeconfig_of(**how)))


async def verify(store: Store, connections: Connections, document: dict[str, Any]) -> Any:
    """Have a cluster verified."""
    cluster = await register(store, "de", document, state="PENDING")
    plan = Plan(step=Step.VERIFY, target=target_of(cluster), generation=1)
    return await run(VerifyingActivities(store, connections).verify_cluster, plan)


async def test_a_cluster_is_reached(store: Store, connections: Connections, sandbox: Sandbox) -> None:
    found = await verify(store, connections, kubeconfig(sandbox))
    assert found.version.startswith("v1.")
    assert (found.nodes, found.ready_nodes) == (1, 1)
    status = (await store.get("Cluster", NAMESPACE, "de")).status
    assert (status["state"], status["kubernetes_version"]) == ("ONLINE", found.version)
    assert status["nodes"][0]["status"]["allocatable"]["cpu"] == "8"


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"token": "wrong"}, ReasonCode.INVALID_CREDENTIALS),
        ({"user": User.GUEST}, ReasonCode.KUBERNETES_ERROR),
    ],
    ids=["wrong token", "no rights"],
)
async def test_refused_credentials_are_told_and_not_tried_again(
    store: Store, connections: Connections, sandbox: Sandbox, how: dict[str, Any], code: ReasonCode
) -> None:
    with pytest.raises(ClusterError) as raised:
        await verify(store, connections, kubeconfig(sandbox, **how))
    assert (raised.value.code, raised.value.temporary) == (code, False)
    record = await store.get("Cluster", NAMESPACE, "de")
    assert (record.status["state"], record.status["reason"]["code"]) == ("FAILED", code)
    assert "wrong" not in str(record.status["reason"]["message"])


async def test_nobody_answers(store: Store, connections: Connections) -> None:
    with pytest.raises(ClusterError, match="cluster de does not answer") as raised:
        await verify(store, connections, nowhere())
    assert (raised.value.code, raised.value.temporary) == (ReasonCode.CLUSTER_NOT_REACHABLE, True)
    status = (await store.get("Cluster", NAMESPACE, "de")).status
    assert (status["state"], status["message"]) == ("OFFLINE", "trying again")


async def test_a_damaged_certificate(store: Store, connections: Connections, sandbox: Sandbox) -> None:
    document = kubeconfig(sandbox)
    document["clusters"][0]["cluster"]["certificate-authority-data"] = "bm8gY2VydGlmaWNhdGU="
    with pytest.raises(ClusterError) as raised:
        await verify(store, connections, document)
    assert (raised.value.code, raised.value.temporary) == (ReasonCode.INVALID_CREDENTIALS, False)


async def test_a_cluster_without_a_kubeconfig(store: Store, connections: Connections) -> None:
    async with store.transaction() as transaction:
        cluster = await transaction.create(
            "Cluster", NAMESPACE, "bare", labels={}, spec={}, status={}, event=NewEvent("Created")
        )
    with pytest.raises(ClusterError, match="no kubeconfig of cluster bare is stored"):
        await connections.to(target_of(cluster))


async def test_a_cluster_of_the_same_name_registered_anew_is_another_one(
    store: Store, connections: Connections
) -> None:
    cluster = target_of(await register(store, "de", nowhere()))
    with pytest.raises(ClusterError, match="cluster de is not registered"):
        await connections.to(cluster.model_copy(update={"uid": "of-the-first"}))


async def test_a_new_kubeconfig_is_used_from_the_next_call_on(
    store: Store, connections: Connections, sandbox: Sandbox
) -> None:
    document = kubeconfig(sandbox)
    cluster = await register(store, "de", kubeconfig(sandbox, token="wrong"))
    old = await connections.to(target_of(cluster))
    with pytest.raises(ClusterError):
        await old.connection.request("GET", "/version")
    async with store.transaction() as transaction:
        await transaction.put_secret(cluster.uid, "kubeconfig", orjson.dumps(document))
        await transaction.update_spec(cluster, labels={}, spec={"changed": True}, event=NewEvent("Updated"))
    new = await connections.to(target_of(cluster))
    assert old.closed
    assert (await new.connection.request("GET", "/version"))["gitVersion"]
    with pytest.raises(ClusterError, match="renewed"):
        await old.connection.request("GET", "/version")


async def test_a_label_changed_on_a_cluster_keeps_its_connection(
    store: Store, connections: Connections, sandbox: Sandbox
) -> None:
    cluster = await register(store, "de", kubeconfig(sandbox))
    before = await connections.to(target_of(cluster))
    async with store.transaction() as transaction:
        await transaction.update_spec(
            cluster, labels={"tier": "gold"}, spec=cluster.spec, event=NewEvent("Updated")
        )
    assert await connections.to(target_of(cluster)) is before
    assert not before.closed


async def test_a_watch_shows_what_changes(bench: Workbench, connections: Connections) -> None:
    app = await bench.app("echo", config_map("settings"))
    await bench.deploy(app)
    access = await connections.to(bench.cluster)
    with access.cache.listen() as change:
        await bench.api.merge(bench.path("configmaps", "settings"), {"data": {"key": "theirs"}})
        assert await change.wait(5) == {app.uid}
        await bench.api.delete(bench.path("configmaps", "settings"))
        assert await change.wait(5) == {app.uid}
    assert access.cache.views(app.uid) == {}


async def test_a_watch_survives_the_restart_of_the_api_server(
    tmp_path: Path, store: Store, connections: Connections
) -> None:
    """On a cluster of its own: the others' connections are not to be disturbed."""
    async with sandbox_cluster(tmp_path, "restarted", nodes=0) as sandbox:
        cluster = await register(store, "restarted", kubeconfig(sandbox))
        access = await connections.to(target_of(cluster))
        seen: set[str] = set()
        broken: list[ClusterError] = []

        def replaced(documents: list[dict[str, Any]]) -> None:
            seen.clear()
            seen.update(item["metadata"]["name"] for item in documents)

        watch = KindWatch(
            access.connection,
            CONFIG_MAPS,
            "watched",
            replaced=replaced,
            changed=lambda _, item: seen.add(item["metadata"]["name"]),
            interrupted=broken.append,
        )
        try:
            assert await watch.wait_synced(10)
            await make(access.connection, "before")
            await until("the watch shows the first", lambda: known(seen, {"before"}))
            apiserver = next(item for item in sandbox.processes() if "apiserver" in item.name)
            await apiserver.stop(10)
            await until("the watch is interrupted", lambda: known(watch.synced, False))
            assert broken[0].code == ReasonCode.CLUSTER_NOT_REACHABLE
            await sandbox.start()
            await until("the watch is back", lambda: known(watch.synced, True))
            await make(access.connection, "after")
            await until("the watch shows both", lambda: known(seen, {"before", "after"}))
        finally:
            await watch.close()


async def known(value: object, expected: object) -> bool:
    """Whether something is as expected by now."""
    return value == expected


async def make(connection: Any, name: str) -> None:
    """Create an object that the watch follows, as soon as the server takes it."""
    document = {"metadata": {"name": name, "labels": {"watched": "yes"}}}

    async def made() -> bool:
        try:
            await connection.request("POST", "/api/v1/namespaces/default/configmaps", body=document)
        except ClusterError as error:
            return error.status == 409
        return True

    await until(f"{name} is made", made)


async def test_a_cluster_that_stopped_answering_does_not_hold_its_callers(
    store: Store, connections: Connections
) -> None:
    cluster = await register(store, "dead", nowhere())
    access = await connections.to(target_of(cluster))
    for _ in range(5):
        with pytest.raises(ClusterError, match="does not answer"):
            await access.connection.request("GET", "/version")
    started = asyncio.get_running_loop().time()
    with pytest.raises(ClusterError, match="tried again shortly"):
        await access.connection.request("GET", "/version")
    assert asyncio.get_running_loop().time() - started < 0.1

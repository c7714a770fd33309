"""Sandboxes: real Kubernetes control planes with simulated nodes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml
from kubernetes.aio import client, config
from kubernetes.aio.client.exceptions import ApiException

from krake.embedded import sandboxes
from krake.embedded.credentials import User
from krake.embedded.sandbox import Sandbox, SandboxState
from krake.errors import KrakeError
from tests.support.servers import kubernetes_client, sandbox_cluster
from tests.support.waiting import until


@pytest.fixture(scope="module")
async def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
async def pair(root: Path) -> AsyncIterator[tuple[Sandbox, Sandbox]]:
    """Two sandboxes side by side, made at the same time."""
    async with asyncio.TaskGroup() as group:
        one = group.create_task(sandboxes.create("de", labels={"location": "DE"}, root=root))
        other = group.create_task(sandboxes.create("it", labels={"location": "IT"}, nodes=1, root=root))
    yield one.result(), other.result()
    await asyncio.gather(one.result().delete(), other.result().delete())


def deployment(name: str, *, state: str | None = None, replicas: int = 2) -> Any:
    labels = {"app": name}
    annotations = {"sandbox.krake/state": state} if state else {}
    container = {"name": "main", "image": "registry.test/app:1", "ports": [{"containerPort": 80}]}
    template = {
        "metadata": {"labels": labels, "annotations": annotations},
        "spec": {"containers": [container]},
    }
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


async def until_available(api: client.ApiClient, name: str, replicas: int) -> None:
    async def available() -> bool:
        found: Any = await client.AppsV1Api(api).read_namespaced_deployment(name, "default")
        return (found.status.available_replicas or 0) == replicas

    await until(f"{name} has {replicas} available", available)


async def pods(api: client.ApiClient, name: str) -> list[Any]:
    found = await client.CoreV1Api(api).list_namespaced_pod("default", label_selector=f"app={name}")
    return list(found.items)


async def until_waiting(api: client.ApiClient, name: str, reason: str) -> Any:
    async def waits() -> bool:
        states = [pod.status.container_statuses for pod in await pods(api, name)]
        return bool(states) and all(one and one[0].state.waiting for one in states)

    await until(f"{name} waits", waits)
    pod = (await pods(api, name))[0]
    assert pod.status.container_statuses[0].state.waiting.reason == reason
    return pod


async def test_a_deployment_and_its_service_become_available(pair: tuple[Sandbox, Sandbox]) -> None:
    async with kubernetes_client(pair[0]) as api:
        await client.AppsV1Api(api).create_namespaced_deployment("default", deployment("web"))
        service: Any = {
            "metadata": {"name": "web"},
            "spec": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
        }
        await client.CoreV1Api(api).create_namespaced_service("default", service)
        await until_available(api, "web", 2)

        async def has_endpoints() -> bool:
            slices: Any = await client.DiscoveryV1Api(api).list_namespaced_endpoint_slice("default")
            endpoints = [one for item in slices.items for one in item.endpoints or []]
            return sum(bool(one.conditions.ready and one.addresses) for one in endpoints) == 2

        await until("the service has endpoints", has_endpoints)
    async with kubernetes_client(pair[1]) as api:
        assert await pods(api, "web") == [], "the other cluster is another cluster"


async def test_a_job_completes(pair: tuple[Sandbox, Sandbox]) -> None:
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "app"}]}}
    once: Any = {"metadata": {"name": "once"}, "spec": {"template": template}}
    async with kubernetes_client(pair[0]) as api:
        batch = client.BatchV1Api(api)
        await batch.create_namespaced_job("default", once)

        async def complete() -> bool:
            job: Any = await batch.read_namespaced_job("once", "default")
            return bool(job.status.succeeded == 1)

        await until("the job is complete", complete)


async def test_an_image_that_cannot_be_pulled(pair: tuple[Sandbox, Sandbox]) -> None:
    async with kubernetes_client(pair[0]) as api:
        stuck = deployment("stuck", state="image-pull-backoff", replicas=1)
        await client.AppsV1Api(api).create_namespaced_deployment("default", stuck)
        pod = await until_waiting(api, "stuck", "ImagePullBackOff")
        assert pod.status.phase == "Pending"

        heal = {"metadata": {"annotations": {"sandbox.krake/state": None}}}
        await client.CoreV1Api(api).patch_namespaced_pod(pod.metadata.name, "default", heal)
        await until_available(api, "stuck", 1)


async def test_a_running_pod_begins_to_crash(pair: tuple[Sandbox, Sandbox]) -> None:
    async with kubernetes_client(pair[0]) as api:
        await client.AppsV1Api(api).create_namespaced_deployment("default", deployment("crash", replicas=1))
        await until_available(api, "crash", 1)
        (pod,) = await pods(api, "crash")
        fault = {"metadata": {"annotations": {"sandbox.krake/state": "crash-loop-backoff"}}}
        await client.CoreV1Api(api).patch_namespaced_pod(pod.metadata.name, "default", fault)
        pod = await until_waiting(api, "crash", "CrashLoopBackOff")
        assert pod.status.container_statuses[0].restart_count > 0
        await until_available(api, "crash", 0)


async def test_nodes_are_as_asked(root: Path, pair: tuple[Sandbox, Sandbox]) -> None:
    async with sandbox_cluster(root, "small", nodes=3) as small, kubernetes_client(small) as api:
        nodes: Any = (await client.CoreV1Api(api).list_node()).items
        assert [node.metadata.name for node in nodes] == ["node-0", "node-1", "node-2"]
        allocatable = nodes[0].status.allocatable
        assert (allocatable["cpu"], allocatable["memory"], allocatable["pods"]) == ("8", "32Gi", "1k")
        assert nodes[0].metadata.labels["kubernetes.io/arch"] == "amd64"


async def status_of(kubeconfig: str) -> int:
    """The HTTP status that listing Pods with a kubeconfig gives."""
    async with await config.new_client_from_config_dict(yaml.safe_load(kubeconfig)) as api:
        try:
            await client.CoreV1Api(api).list_namespaced_pod("default")
        except ApiException as error:
            return int(error.status)
        return 200


async def test_a_wrong_token_is_401_and_missing_rights_are_403(pair: tuple[Sandbox, Sandbox]) -> None:
    assert await status_of(pair[0].kubeconfig_of()) == 200
    assert await status_of(pair[0].kubeconfig_of(token="wrong")) == 401
    assert await status_of(pair[0].kubeconfig_of(User.GUEST)) == 403


def test_the_kubeconfig_has_one_context_named_like_the_sandbox(pair: tuple[Sandbox, Sandbox]) -> None:
    file = pair[0].kubeconfig
    document = yaml.safe_load(file.read_text())
    assert document["current-context"] == "de"
    assert [[item["name"] for item in document[kind]] for kind in ("clusters", "users", "contexts")] == [
        ["de"]
    ] * 3
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_the_list_shows_both_with_their_labels(root: Path, pair: tuple[Sandbox, Sandbox]) -> None:
    found = {one.name: (one.state, one.spec.labels) for one in sandboxes.list_sandboxes(root)}
    assert found["de"] == (SandboxState.RUNNING, {"location": "DE"})
    assert found["it"] == (SandboxState.RUNNING, {"location": "IT"})


async def test_a_name_that_exists_is_refused(root: Path, pair: tuple[Sandbox, Sandbox]) -> None:
    with pytest.raises(KrakeError, match="Sandbox de exists already"):
        await sandboxes.create("de", root=root)
    assert pair[0].state is SandboxState.RUNNING


@pytest.mark.parametrize(
    ("name", "cpu", "memory", "message"),
    [
        ("../x", "8", "32Gi", "name cannot be"),
        ("Upper", "8", "32Gi", "name cannot be"),
        ("x", "many", "32Gi", "cpu cannot be 'many'"),
        ("x", "8", "32GB", "memory cannot be '32GB'"),
    ],
)
async def test_what_cannot_be_is_refused(
    tmp_path: Path, name: str, cpu: str, memory: str, message: str
) -> None:
    with pytest.raises(KrakeError, match=message):
        await sandboxes.create(name, cpu=cpu, memory=memory, root=tmp_path)
    assert not (tmp_path / "sandboxes").exists()


async def test_a_killed_and_a_stopped_sandbox_start_again_with_their_objects(tmp_path: Path) -> None:
    async with sandbox_cluster(tmp_path, "phoenix") as sandbox:
        before = sandbox.kubeconfig.read_text()
        async with kubernetes_client(sandbox) as api:
            await client.AppsV1Api(api).create_namespaced_deployment("default", deployment("kept"))
        controllers = set(sandbox.pids().values())
        await kill(sandbox, "kube-apiserver")
        assert sandbox.state is SandboxState.DEGRADED
        await sandbox.start()
        assert controllers & set(sandbox.pids().values()) == {sandbox.pids()["etcd"]}, "none still backs off"
        await sandbox.stop()
        assert (sandbox.state, sandbox.pids()) == (SandboxState.STOPPED, {})
        await sandboxes.get("phoenix", tmp_path).start()
        assert len(sandbox.pids()) == 5
        assert sandbox.kubeconfig.read_text() == before
        async with kubernetes_client(sandbox) as api:
            await until_available(api, "kept", 2)


async def kill(sandbox: Sandbox, part: str) -> None:
    process = psutil.Process(sandbox.pids()[part])
    process.kill()
    await asyncio.to_thread(process.wait)


def alive(pids: dict[str, int]) -> list[int]:
    """Those of the processes that still run."""
    found = [psutil.Process(pid) for pid in pids.values() if psutil.pid_exists(pid)]
    return [one.pid for one in found if one.status() != psutil.STATUS_ZOMBIE]


async def test_deleting_leaves_no_process_and_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sandbox = await sandboxes.create("gone", root=Path("."))
    pids = sandbox.pids()
    assert len(pids) == 5
    # A server that a test paused must end too.
    psutil.Process(pids["kwok"]).suspend()
    await sandboxes.delete("gone", tmp_path)
    assert not alive(pids)
    assert list((tmp_path / "sandboxes").iterdir()) == []
    with pytest.raises(KrakeError, match="There is no sandbox gone"):
        await sandboxes.delete("gone", tmp_path)


async def test_a_cancelled_creation_leaves_nothing(tmp_path: Path) -> None:
    task = asyncio.create_task(sandboxes.create("early", root=tmp_path))
    folder = tmp_path / "sandboxes" / "early"

    async def begun() -> bool:
        return (folder / "run" / "kube-apiserver.pid").exists()

    await until("its API server is started", begun)
    pids = sandboxes.get("early", tmp_path).pids()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not folder.exists()
    assert not alive(pids)


async def test_two_commands_do_not_work_on_one_sandbox_at_once(
    pair: tuple[Sandbox, Sandbox], root: Path
) -> None:
    with pair[0].locked(), pytest.raises(KrakeError, match="by another command"):
        await sandboxes.delete("de", root)
    assert pair[0].state is SandboxState.RUNNING

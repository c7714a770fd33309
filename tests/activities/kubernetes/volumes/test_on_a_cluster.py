"""Finding the Pods of Deployments and StatefulSets and their claims on a real API server.

The cluster's nodes run no containers: commands in Pods are run by `tests.support.exec_server` in front of it.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

from activities.kubernetes.connections import Connections
from activities.kubernetes.volumes.copying import VolumeActivities
from krake.embedded.sandbox import Sandbox
from krake.messages.base import Target
from krake.messages.moving import CopiedVolumes, CopyVolumes
from krake.settings import Settings
from krake.store import Store
from tests.activities.workbench import NAMESPACE, application_spec, register, run, target_of
from tests.krake.volumes.test_analysis import claim, mounting, of_claim, templated
from tests.support.exec_server import Node, exec_server
from tests.support.kubernetes import Kubernetes, kubernetes
from tests.support.manifests import Document, deployment
from tests.support.store import add
from tests.support.waiting import until

_SIZE = {"requests": {"storage": "1Gi"}}
_CLAIM = {"accessModes": ["ReadWriteOnce"], "storageClassName": "", "resources": _SIZE}


def manifest() -> list[Document]:
    """A claim that a Deployment mounts, and a StatefulSet with a claim for each of two replicas."""
    files = {**claim("files"), "spec": _CLAIM}
    database = templated("db", replicas=2, serviceName="db")
    database["spec"]["volumeClaimTemplates"][0]["spec"] = _CLAIM
    return [files, mounting(deployment("web"), of_claim("files")), database]


async def provide(api: Kubernetes, namespace: str, stack: AsyncExitStack) -> None:
    """What a provisioner does: a volume for every claim."""
    for one in ("files", "data-db-0", "data-db-1"):
        name = f"{namespace}-{one}"
        spec = {
            "capacity": {"storage": "1Gi"},
            "accessModes": ["ReadWriteOnce"],
            "hostPath": {"path": "/none"},
            "claimRef": {"namespace": namespace, "name": one},
        }
        await api.create("/api/v1/persistentvolumes", {"metadata": {"name": name}, "spec": spec})
        stack.push_async_callback(api.delete, f"/api/v1/persistentvolumes/{name}")


async def deploy(api: Kubernetes, namespace: str, stack: AsyncExitStack) -> str:
    """Bring the application into a namespace; returns the name of the Deployment's Pod."""
    await api.create("/api/v1/namespaces", {"metadata": {"name": namespace}})
    stack.push_async_callback(api.delete, f"/api/v1/namespaces/{namespace}")
    await provide(api, namespace, stack)
    plurals = {"PersistentVolumeClaim": "persistentvolumeclaims"}
    for item in manifest():
        group = "/api/v1" if item["apiVersion"] == "v1" else "/apis/apps/v1"
        plural = plurals.get(item["kind"], item["kind"].lower() + "s")
        await api.create(f"{group}/namespaces/{namespace}/{plural}", item)
    pods = f"/api/v1/namespaces/{namespace}/pods"

    async def all_run() -> bool:
        found = (await api.get(pods))["items"]
        return len(found) == 3 and all(item["status"].get("phase") == "Running" for item in found)

    await until(f"all Pods run in {namespace}", all_run)
    names = [str(item["metadata"]["name"]) for item in (await api.get(pods))["items"]]
    return next(name for name in names if name.startswith("web"))


async def test_claims_of_deployments_and_stateful_sets(
    tmp_path: Path, store: Store, connections: Connections, settings: Settings, sandbox: Sandbox
) -> None:
    app = target_of(await add(store, "app", NAMESPACE, spec=application_spec(*manifest())))
    clusters: list[Target] = []
    nodes: list[Node] = []
    web: list[str] = []
    async with AsyncExitStack() as stack:
        api = await stack.enter_async_context(kubernetes(sandbox))
        for name in ("de", "it"):
            namespace = f"volumes-{name}-{uuid4().hex[:6]}"
            web.append(await deploy(api, namespace, stack))
            nodes.append(Node(tmp_path / name, elsewhere=api.answer))
            kubeconfig = await stack.enter_async_context(exec_server(tmp_path, name, nodes[-1]))
            kubeconfig["contexts"][0]["context"]["namespace"] = namespace
            clusters.append(target_of(await register(store, name, kubeconfig)))
        source, target = nodes
        for pod in (web[0], "db-0", "db-1"):
            (source.mount(pod, "/data") / "whose").write_text(pod)

        call = CopyVolumes(target=app, source=clusters[0], destination=clusters[1], generation=1)
        copied = await run(VolumeActivities(store, connections, settings).copy_volumes, call)
        assert copied == CopiedVolumes(volumes=3, files=3, bytes=len(web[0]) + 8, passes=2)
        for pod, expected in ((web[1], web[0]), ("db-0", "db-0"), ("db-1", "db-1")):
            assert (target.mount(pod, "/data") / "whose").read_text() == expected

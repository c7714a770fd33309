"""Many applications of the usual kind, deployed through the API."""

from __future__ import annotations

import asyncio

import httpx
import yaml

from krake.embedded.sandbox import Sandbox
from tests.support.manifests import config_map, deployment, service
from tests.support.stack import Krake
from tests.support.waiting import until

AT_ONCE = 8
SECONDS_EACH = 2.0


async def deploy(krake: Krake, sandbox: Sandbox, namespace: str, applications: int) -> None:
    """Register the cluster, create the applications, and return when all are RUNNING and nobody works."""
    async with krake.http(timeout=30) as http:
        path = f"/kubernetes/namespaces/{namespace}"
        kubeconfig = yaml.safe_load(sandbox.kubeconfig.read_text())
        await _create(http, f"{path}/clusters", "Cluster", sandbox.name, {"kubeconfig": kubeconfig})
        slots = asyncio.Semaphore(AT_ONCE)

        async def create(number: int) -> None:
            name = f"idle-{number}"
            manifest = [deployment(name), service(name), config_map(name)]
            async with slots:
                await _create(http, f"{path}/applications", "Application", name, {"manifest": manifest})

        await asyncio.gather(*(create(number) for number in range(applications)))

        async def running() -> bool:
            items = (await http.get(f"{path}/applications")).json()["items"]
            return all(item["status"]["state"] == "RUNNING" for item in items)

        await until(f"{applications} applications run", running, 30 + applications * SECONDS_EACH)
    await _until_idle(krake, namespace)


async def _create(http: httpx.AsyncClient, path: str, kind: str, name: str, spec: object) -> None:
    document = {"api": "kubernetes", "kind": kind, "metadata": {"name": name}, "spec": spec}
    (await http.post(path, json=document)).raise_for_status()


async def _until_idle(krake: Krake, namespace: str) -> None:
    query = f"ExecutionStatus='Running' AND KrakeNamespace='{namespace}' AND KrakeKind='Application'"

    async def idle() -> bool:
        return (await krake.client.count_workflows(query)).count == 0

    await until("no workflow of an application is open", idle, 60)

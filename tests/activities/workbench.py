"""Activities called as a worker calls them, on a store and a cluster that are real."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import uuid4

import orjson
import yaml
from temporalio.testing import ActivityEnvironment

from activities.kubernetes.connections import KUBECONFIG, Connections
from activities.kubernetes.deploying import DeployingActivities
from activities.kubernetes.readying import ReadyingActivities
from activities.kubernetes.removing import RemovingActivities
from activities.placement import PlacementActivities
from activities.store.inventory import inventory
from krake.embedded.sandbox import Sandbox
from krake.messages.base import Target
from krake.messages.deploying import Applied, Deployment, OnCluster, Ready
from krake.models.application import ApplicationSpec, ObjectStatus
from krake.settings import Settings
from krake.store import NewEvent, Record, Store
from tests.support.kubernetes import Kubernetes, kubernetes
from tests.support.store import CREATED, add

Document = dict[str, Any]
Result = TypeVar("Result")

NAMESPACE = "testing"
"""Krake's namespace of everything on a workbench."""


async def run(activity: Callable[..., Coroutine[Any, Any, Result]], argument: Any) -> Result:
    """Call an activity as a worker would."""
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, scheduled_time=datetime.now(UTC))
    return await environment.run(activity, argument)


def target_of(record: Record) -> Target:
    """The resource as workflows name it."""
    return Target(kind=record.kind, namespace=record.namespace, name=record.name, uid=record.uid)


def application_spec(*manifest: Document, **fields: Any) -> Document:
    """A complete spec as the API stores it."""
    return ApplicationSpec(manifest=list(manifest), **fields).model_dump(mode="json")


async def register(
    store: Store,
    name: str,
    kubeconfig: Document,
    *,
    state: str = "ONLINE",
    labels: dict[str, str] | None = None,
) -> Record:
    """Store a cluster with its kubeconfig as the API does."""
    now = datetime.now(UTC).isoformat()
    status = {"state": state, "observed_generation": 1, "observed_at": now, "verified_at": now}
    spec = {"kubeconfig": {"contexts": kubeconfig["contexts"]}}
    async with store.transaction() as transaction:
        record = await transaction.create(
            "Cluster", NAMESPACE, name, labels=labels or {}, spec=spec, status=status, event=CREATED
        )
        await transaction.put_secret(record.uid, KUBECONFIG, orjson.dumps(kubeconfig))
    return record


def nowhere(namespace: str = "default") -> Document:
    """A kubeconfig of a cluster that nobody will ever reach."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:9"}}],
        "users": [{"name": "u", "user": {"token": "none"}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u", "namespace": namespace}}],
        "current-context": "x",
    }


class Workbench:
    """Deploys and removes applications on one cluster, step by step."""

    def __init__(
        self, store: Store, connections: Connections, cluster: Record, api: Kubernetes, namespace: str
    ) -> None:
        self.store = store
        self.connections = connections
        self.cluster = target_of(cluster)
        self.api = api
        self.namespace = namespace
        settings = Settings(state_dir=api.sandbox.directory)
        self._placement = PlacementActivities(store, settings)
        self._deploying = DeployingActivities(store, connections, settings)
        self._readying = ReadyingActivities(store, connections)
        self._removing = RemovingActivities(store, connections)

    def path(self, plural: str, name: str, group: str = "") -> str:
        """Path of an object in the test's namespace."""
        root = f"/apis/{group}" if group else "/api/v1"
        return f"{root}/namespaces/{self.namespace}/{plural}/{name}"

    async def app(self, name: str, *manifest: Document, **fields: Any) -> Target:
        """Store an application."""
        return target_of(await add(self.store, name, NAMESPACE, spec=application_spec(*manifest, **fields)))

    async def update(self, app: Target, *manifest: Document) -> None:
        """Give an application another manifest."""
        async with self.store.transaction() as transaction:
            record = await transaction.get("Application", app.namespace, app.name)
            spec = application_spec(*manifest)
            await transaction.update_spec(record, labels={}, spec=spec, event=NewEvent("Updated"))

    async def place(self, app: Target, readiness_timeout: int = 20) -> OnCluster:
        """Place it, which writes the foreseen inventory."""
        record = await self.record(app)
        placed = await run(
            self._placement.place_application, Deployment(target=app, generation=record.generation)
        )
        assert placed.cluster is not None, placed.message
        return OnCluster(
            target=app,
            cluster=placed.cluster,
            generation=placed.generation,
            readiness_timeout=readiness_timeout,
        )

    async def apply(self, app: Target) -> Applied:
        """Place and apply it."""
        return await run(self._deploying.apply_manifest, await self.place(app))

    async def ready(self, app: Target, readiness_timeout: int = 20) -> Ready:
        """Wait until what was applied is ready."""
        return await self.ready_of(app, (await self.record(app)).generation, readiness_timeout)

    async def ready_of(self, app: Target, generation: int, readiness_timeout: int = 20) -> Ready:
        """Wait until what was applied for a generation is ready."""
        call = OnCluster(
            target=app, cluster=self.cluster, generation=generation, readiness_timeout=readiness_timeout
        )
        return await run(self._readying.await_ready, call)

    async def deploy(self, app: Target) -> Ready:
        """Place, apply and wait."""
        await self.apply(app)
        return await self.ready(app)

    async def remove(self, app: Target) -> Applied:
        """Remove its objects."""
        return await run(self._removing.remove_objects, OnCluster(target=app, cluster=self.cluster))

    async def record(self, app: Target) -> Record:
        """The application as the store has it."""
        return await self.store.get("Application", app.namespace, app.name)

    async def objects(self, app: Target) -> dict[str, ObjectStatus]:
        """The application's inventory by kind and name."""
        found = inventory(await self.record(app))
        return {f"{item.kind}/{item.name}": item for item in found}


@asynccontextmanager
async def workbench(store: Store, connections: Connections, sandbox: Sandbox) -> AsyncIterator[Workbench]:
    """A workbench in a new namespace of the cluster, which is deleted afterwards."""
    namespace = f"bench-{uuid4().hex[:8]}"
    kubeconfig = yaml.safe_load(sandbox.kubeconfig_of())
    kubeconfig["contexts"][0]["context"]["namespace"] = namespace
    cluster = await register(store, "bench", kubeconfig)
    async with kubernetes(sandbox) as api:
        await api.create("/api/v1/namespaces", {"metadata": {"name": namespace}})
        try:
            yield Workbench(store, connections, cluster, api, namespace)
        finally:
            await api.delete(f"/api/v1/namespaces/{namespace}")

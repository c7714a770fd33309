"""A worker with real workflows and store activities, and applications to try them on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

from temporalio import activity
from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.worker import Interceptor, Worker

from activities.magnum_clusters.steps import MagnumClusterActivities
from activities.moving.handing_over import HandingOverActivities
from activities.moving.registry import moving_activities
from activities.placement import PlacementActivities
from activities.provisioning.providers import Providers
from activities.provisioning.registry import provisioning_activities
from activities.rebalancing.rebalancing import RebalancingActivities
from activities.sampling import SamplingActivities
from activities.store.applications import ApplicationStoreActivities
from activities.store.clusters import ClusterStoreActivities
from activities.store.giving_up import GivingUpActivities
from activities.store.shutdowns import ShutdownStoreActivities
from api.examples import EXAMPLES
from krake.messages.base import Target
from krake.messages.lifecycle import Wake
from krake.messages.moving import Move, MoveStep
from krake.messages.names import WAKE_SIGNAL
from krake.models.cluster import ClusterSpec
from krake.models.openstack import MagnumClusterSpec, ProjectSpec
from krake.moves import cancel_migration, request_migration
from krake.settings import Settings
from krake.store import NewEvent, Record, Store
from krake.temporal import search_attributes
from tests.activities.workbench import application_spec, nowhere, target_of
from tests.support.manifests import config_map
from tests.support.store import CREATED
from tests.workflows.clouds import ScriptedCloud
from tests.workflows.clusters import ScriptedClusters
from worker.build import workflow_runner
from workflows.registry import WORKFLOWS

QUICK = {"backoff_delay": 1, "backoff_limit": 0}


class Stage:
    """Resources in a namespace of their own, and their lifecycles on a task queue of its own."""

    def __init__(
        self,
        client: Client,
        store: Store,
        clusters: ScriptedClusters,
        cloud: ScriptedCloud,
        settings: Settings,
        queue: str,
    ) -> None:
        self.client = client
        self.store = store
        self.clusters = clusters
        self.cloud = cloud
        self.settings = settings
        self.queue = queue
        self.namespace = queue

    async def cluster(self, name: str = "de", **fields: Any) -> Target:
        """A cluster that is ONLINE, unless `fields` say otherwise."""
        status = fields.pop("status", {"state": "ONLINE", "observed_generation": 1})
        spec = {"kubeconfig": nowhere(), "backoff": 1, "backoff_delay": 1, "backoff_limit": 0, **fields}
        return await self._create("Cluster", name, spec, status)

    async def made_cluster(self, name: str = "made", **machines: Any) -> Target:
        """A cluster that is to be made, on whatever cloud fits."""
        document = {"infrastructure": machines or {"nodes": 1}, "backoff_limit": 0}
        spec = ClusterSpec.model_validate(document).model_dump(mode="json")
        return await self._create("Cluster", name, spec, {"state": "PENDING"})

    async def add_cloud(self, name: str = "cloud", **status: Any) -> Target:
        """A cloud of the namespace, with the infrastructure provider that makes clusters there."""
        if await self.store.find("InfrastructureProvider", self.namespace, "provider") is None:
            provider = {"type": "custom", "custom": {"name": "scripted", "options": {}}}
            await self._create("InfrastructureProvider", "provider", provider, {})
        reference = {"name": "provider", "namespaced": True}
        part = {"infrastructure_provider": reference, "metrics": [], "options": {}}
        return await self._create("Cloud", name, {"type": "custom", "custom": part}, status)

    async def add_project(self, name: str = "edge", **labels: str) -> Target:
        """A project of the namespace, as the API stores it."""
        auth = EXAMPLES["Project"]["spec"]["auth"]
        document = {"url": "http://keystone", "auth": auth, "template": "k8s"}
        spec = ProjectSpec.model_validate(document).model_dump(mode="json")
        return await self._create("Project", name, spec, {"state": "ONLINE"}, labels)

    async def magnum_cluster(self, name: str = "shop", **fields: Any) -> Target:
        """A Magnum cluster that is to be made, in whatever project fits."""
        spec = MagnumClusterSpec.model_validate(fields).model_dump(mode="json")
        return await self._create("MagnumCluster", name, spec, {"state": "PENDING"}, {"tier": "gold"})

    async def app(self, name: str = "echo", **fields: Any) -> Target:
        """An application that nobody has worked on; without retries, unless `fields` say otherwise."""
        manifest = fields.pop("manifest", [config_map("settings")])
        spec = application_spec(*manifest, **{**QUICK, **fields})
        return await self._create("Application", name, spec, {"state": "PENDING"})

    async def update(self, target: Target, **fields: Any) -> None:
        """Change the spec, as the API does."""
        async with self.store.transaction() as transaction:
            record = await transaction.get(target.kind, target.namespace, target.name)
            spec = {**record.spec, **fields}
            await transaction.update_spec(record, labels={}, spec=spec, event=NewEvent("Updated"))
        await self.wake(target, "updated")

    async def set_state(self, name: str, state: str) -> None:
        """Have a cluster be in another state, as its observer says."""
        async with self.store.transaction() as transaction:
            record = await transaction.get("Cluster", self.namespace, name)
            await transaction.write_status(record, {"state": state})

    async def migrate(
        self, target: Target, cluster: str | None = None, **fields: Any
    ) -> WorkflowHandle[Any, Any]:
        """Ask for a move, as the API does."""
        async with self.store.transaction() as transaction:
            record = await transaction.get(target.kind, target.namespace, target.name)
            fields = {"trigger": "asked for", "actor": "somebody", **fields}
            await request_migration(transaction, record, cluster=cluster, **fields)
        return await self.wake(target, "migration requested")

    async def cancel(self, target: Target) -> None:
        """Take the move back, as the API does."""
        async with self.store.transaction() as transaction:
            record = await transaction.get(target.kind, target.namespace, target.name)
            await cancel_migration(transaction, record, NewEvent("MigrationCancelRequested"))
        await self.wake(target, "migration cancelled")

    async def delete(self, target: Target) -> None:
        """Mark it deleted, as the API does."""
        async with self.store.transaction() as transaction:
            record = await transaction.get(target.kind, target.namespace, target.name)
            await transaction.mark_deleted(record, NewEvent("Deleting"))
        await self.wake(target, "deleted")

    async def wake(self, target: Target, cause: str = "created") -> WorkflowHandle[Any, Any]:
        """Start the lifecycle, or signal the one that runs, as the API does."""
        return await self.client.start_workflow(
            target.kind,
            target,
            id=target.workflow_id,
            task_queue=self.queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal=WAKE_SIGNAL,
            start_signal_args=[Wake(cause=cause)],
            search_attributes=search_attributes(target, target.kind),
            execution_timeout=timedelta(days=30),
        )

    async def record(self, target: Target) -> Record:
        """The resource as the store has it."""
        return await self.store.get(target.kind, target.namespace, target.name)

    async def events(self, target: Target) -> list[str]:
        """The types of the resource's events."""
        return [event.type for event in await self.store.events(uid=target.uid)]

    async def _create(
        self,
        kind: str,
        name: str,
        spec: dict[str, Any],
        status: dict[str, Any],
        labels: dict[str, str] | None = None,
    ) -> Target:
        labels = {"place": name} if kind == "Cluster" else labels or {}
        async with self.store.transaction() as transaction:
            record = await transaction.create(
                kind, self.namespace, name, labels=labels, spec=spec, status=status, event=CREATED
            )
        return target_of(record)


class BreakableHandingOver(HandingOverActivities):
    """The real steps, each of which fails first as often as the test planned: as when the store is away."""

    def __init__(self, store: Store, settings: Settings, clusters: ScriptedClusters) -> None:
        super().__init__(store, settings)
        self._clusters = clusters

    @activity.defn(name="hand_over")
    async def hand_over(self, step: MoveStep) -> Move:
        """Fail as planned, else hand over."""
        await self._clusters.play("hand_over")
        return await super().hand_over(step)

    @activity.defn(name="finish_migration")
    async def finish_migration(self, step: MoveStep) -> None:
        """Fail as planned, else finish."""
        await self._clusters.play("finish_migration")
        await super().finish_migration(step)


def moving(store: Store, settings: Settings, clusters: ScriptedClusters) -> list[Callable[..., Any]]:
    """The activities of moves that touch only the store."""
    return moving_activities(store, settings, BreakableHandingOver(store, settings, clusters))


@asynccontextmanager
async def stage(
    client: Client,
    store: Store,
    settings: Settings | None = None,
    *,
    workflows: Sequence[type] = WORKFLOWS,
    clock: Interceptor | None = None,
    slots: int = 100,
) -> AsyncIterator[Stage]:
    """A stage with its worker at work.

    Args:
        client: of the server.
        store: the store.
        settings: without them waits are short.
        workflows: what the worker knows.
        clock: is told of every activity before it begins.
        slots: how many activities run at the same time.
    """
    settings = settings or Settings(migration_cool_down=1, provisioning_interval=0.05)
    queue = f"stage-{uuid4().hex[:8]}"
    clusters, cloud = ScriptedClusters(store), ScriptedCloud()
    shutdowns = ShutdownStoreActivities(store, settings)
    applications, cluster_store = ApplicationStoreActivities(store), ClusterStoreActivities(store)
    real: list[Callable[..., Any]] = [
        applications.next_application_step,
        applications.record_failure,
        applications.begin_deletion,
        GivingUpActivities(store, settings).release_orphans,
        applications.remove_application,
        *provisioning_activities(store, client, Providers(store, settings, cloud.load), settings),
        cluster_store.next_cluster_step,
        cluster_store.record_failure,
        cluster_store.remove_cluster,
        MagnumClusterActivities(store, settings).next_magnum_cluster_step,
        PlacementActivities(store, settings).place_application,
        *moving(store, settings, clusters),
        SamplingActivities(store, client, settings).sample_metrics,
        RebalancingActivities(store, client, settings).rebalance,
        shutdowns.begin_shutdown,
        shutdowns.shutdown_confirmed,
        shutdowns.end_shutdown,
    ]
    worker = Worker(
        client,
        task_queue=queue,
        workflows=workflows,
        activities=[*real, *clusters.activities],
        workflow_runner=workflow_runner(),
        interceptors=[clock] if clock else [],
        max_concurrent_activities=slots,
        max_heartbeat_throttle_interval=timedelta(milliseconds=100),
        default_heartbeat_throttle_interval=timedelta(milliseconds=100),
    )
    async with worker:
        yield Stage(client, store, clusters, cloud, settings, queue)

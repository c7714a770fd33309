"""`python -m tests.workflows.record`: histories of every workflow from real runs, for the replay tests.

Run it after a change of a workflow that is meant, and that no open run can meet: before the first release
with it, or behind `workflow.patched`. Takes about a minute.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import orjson
import yaml
from temporalio.client import Client

from activities.kubernetes.connections import KUBECONFIG, Connections
from activities.kubernetes.limits import Limits
from activities.store.applications import scheduled_cluster
from krake import temporal
from krake.embedded.sandbox import Sandbox
from krake.leftovers import leave_behind
from krake.messages.base import Target
from krake.messages.names import TASK_QUEUE, WorkflowName
from krake.messages.observing import PassOrder
from krake.messages.removing import Collection
from krake.moves import request_migration
from krake.secrets import Cipher, new_key
from krake.settings import Settings
from krake.store import NewEvent, Store, migrate
from tests.activities.workbench import application_spec, nowhere, target_of
from tests.support.kubernetes import CONFIG_MAPS, Kubernetes, kubernetes
from tests.support.manifests import Document, config_map, deployment
from tests.support.servers import sandbox_cluster, temporal_server
from tests.support.store import CREATED
from tests.support.tosca import template
from tests.support.waiting import until
from tests.workflows.histories import EXPECTED, FOLDER, save
from tests.workflows.record_clouds import make_and_remove
from tests.workflows.record_magnum import make_by_magnum
from tests.workflows.record_shutdowns import shut_down
from worker.build import build_worker

NAMESPACE = "testing"


class Recorder:
    """Has resources worked on by a real worker, and keeps what Temporal recorded."""

    def __init__(self, store: Store, client: Client) -> None:
        self.store = store
        self.client = client

    async def create(
        self, kind: str, name: str, spec: Document, kubeconfig: Document | None = None
    ) -> Target:
        """Store a resource and wake its lifecycle."""
        async with self.store.transaction() as transaction:
            record = await transaction.create(
                kind, NAMESPACE, name, labels={}, spec=spec, status={"state": "PENDING"}, event=CREATED
            )
            if kubeconfig is not None:
                await transaction.put_secret(record.uid, KUBECONFIG, orjson.dumps(kubeconfig))
        await self.wake(target_of(record), "created")
        return target_of(record)

    async def app(self, name: str, *manifest: Document, **fields: Any) -> Target:
        """An application with its lifecycle at work."""
        spec = application_spec(*(manifest or (config_map(name),)), **fields)
        return await self.create("Application", name, spec)

    async def cluster(self, name: str, kubeconfig: Document, **fields: Any) -> Target:
        """A cluster with its lifecycle at work."""
        shown = {"kubeconfig": {"contexts": kubeconfig["contexts"]}, "backoff_limit": 0, **fields}
        return await self.create("Cluster", name, shown, kubeconfig)

    async def delete(self, target: Target, policy: str = "") -> None:
        """Mark it deleted and wake its lifecycle."""
        async with self.store.transaction() as transaction:
            record = await transaction.get(target.kind, target.namespace, target.name)
            record = await transaction.mark_deleted(record, NewEvent("Deleting"))
            if policy:
                clearing = {"purpose": "delete", "policy": policy, "at": record.deleted}
                await transaction.write_status(record, {"clearing": clearing})
        await self.wake(target, "deleted")

    async def update(self, target: Target, *manifest: Document) -> None:
        """Change the manifest and wake its lifecycle."""
        async with self.store.transaction() as transaction:
            record = await transaction.get(target.kind, target.namespace, target.name)
            spec = application_spec(*manifest)
            await transaction.update_spec(record, labels={}, spec=spec, event=NewEvent("Updated"))
        await self.wake(target, "updated")

    async def migrate(self, target: Target) -> str:
        """Have it moved, and wait for the end; returns the id of the workflow that moved it."""
        async with self.store.transaction() as transaction:
            record = await transaction.get(target.kind, target.namespace, target.name)
            asked = await request_migration(transaction, record, trigger="asked for", actor="somebody")
        await self.wake(target, "migration requested")
        await self.ended(target)
        return f"{target.workflow_id}/migrate/{asked.status['request']['id']}"

    async def wake(self, target: Target, cause: str) -> None:
        """Wake its lifecycle."""
        await temporal.wake(self.client, target, cause)

    async def ended(self, target: Target) -> None:
        """Wait for the end of its lifecycle."""
        await asyncio.wait_for(self.client.get_workflow_handle(target.workflow_id).result(), 60)

    async def state(self, target: Target, state: str) -> None:
        """Wait for a state."""

        async def there() -> bool:
            record = await self.store.find(target.kind, target.namespace, target.name)
            return record is not None and record.status.get("state") == state

        await until(f"{target.name} is {state}", there)

    async def keep(self, name: str, workflow_id: str) -> None:
        """Save the newest run of a workflow."""
        save(name, await self.client.get_workflow_handle(workflow_id).fetch_history())


async def record(recorder: Recorder, sandbox: Sandbox, other: Sandbox) -> None:
    """Play every scene and keep its histories."""
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.json"):
        old.unlink()
    await make_and_remove(recorder)
    await make_by_magnum(recorder)
    await _unplaced(recorder)
    await _silent_cluster(recorder)
    await _registered(recorder, yaml.safe_load(sandbox.kubeconfig_of()))
    await _deployed_and_deleted(recorder)
    await _translated(recorder)
    await _failed(recorder)
    await _interrupted(recorder)
    await _retried(recorder, sandbox)
    async with kubernetes(other) as target:
        await _migrated(recorder, yaml.safe_load(other.kubeconfig_of()), target)
    await shut_down(recorder)
    await _swept(recorder)
    await _unregistered(recorder)


async def _unplaced(recorder: Recorder) -> None:
    app = await recorder.app("unplaced")
    await recorder.ended(app)
    await recorder.keep("application-unplaced", app.workflow_id)
    await recorder.keep("deploy-unplaced", f"{app.workflow_id}/deploy/1")
    await recorder.delete(app)
    await recorder.ended(app)


async def _silent_cluster(recorder: Recorder) -> None:
    cluster = await recorder.cluster("silent", nowhere(), backoff_limit=1)
    await recorder.ended(cluster)
    await recorder.keep("cluster-failed", cluster.workflow_id)
    await recorder.delete(cluster)
    await recorder.ended(cluster)


async def _registered(recorder: Recorder, kubeconfig: Document, name: str = "de") -> Target:
    cluster = await recorder.cluster(name, kubeconfig)
    await recorder.ended(cluster)
    if name == "de":
        await recorder.keep("cluster-verified", cluster.workflow_id)
    return cluster


async def _deployed_and_deleted(recorder: Recorder) -> None:
    app = await recorder.app("echo", deployment("echo"), config_map("settings"))
    await recorder.ended(app)
    await recorder.keep("application-deploy", app.workflow_id)
    await recorder.keep("deploy-succeeded", f"{app.workflow_id}/deploy/1")
    await recorder.client.execute_workflow(
        WorkflowName.COMPARE_APPLICATION, app, id=f"{app.workflow_id}/compare", task_queue=TASK_QUEUE
    )
    await recorder.keep("compare-application", f"{app.workflow_id}/compare")
    await recorder.update(app, deployment("echo", replicas=2))
    await recorder.ended(app)
    await recorder.keep("application-update", app.workflow_id)
    await recorder.delete(app)
    await recorder.ended(app)
    await recorder.keep("application-delete", app.workflow_id)
    await recorder.keep("delete-application", f"{app.workflow_id}/delete")


async def _translated(recorder: Recorder) -> None:
    spec = application_spec(tosca=template(yaml.safe_dump(config_map("translated"))))
    app = await recorder.create("Application", "translated", spec)
    await recorder.ended(app)
    await recorder.keep("deploy-translated", f"{app.workflow_id}/deploy/1")
    await recorder.delete(app)
    await recorder.ended(app)


async def _failed(recorder: Recorder) -> None:
    app = await recorder.app("wrong", {**config_map("wrong"), "spce": {}})
    await recorder.ended(app)
    await recorder.keep("application-failed", app.workflow_id)
    await recorder.keep("deploy-failed", f"{app.workflow_id}/deploy/1")
    await recorder.delete(app)
    await recorder.ended(app)


async def _interrupted(recorder: Recorder) -> None:
    app = await recorder.app("stuck", deployment("stuck", state="image-pull-backoff"))

    async def waits() -> bool:
        status = (await recorder.store.get("Application", NAMESPACE, "stuck")).status
        return str(status.get("message", "")).startswith("waiting for ")

    await until("the deployment waits", waits)
    await recorder.delete(app)
    await recorder.ended(app)
    await recorder.keep("application-interrupted", app.workflow_id)
    await recorder.keep("deploy-interrupted", f"{app.workflow_id}/deploy/1")


async def _retried(recorder: Recorder, sandbox: Sandbox) -> None:
    async with kubernetes(sandbox) as cluster:
        with cluster.frozen("kube-apiserver"):
            app = await recorder.app("patient")
            await recorder.state(app, "DEGRADED")
    await recorder.ended(app)
    await recorder.keep("application-retry", app.workflow_id)
    await recorder.keep("deploy-retried", f"{app.workflow_id}/deploy/1")
    await recorder.delete(app)
    await recorder.ended(app)


async def _migrated(recorder: Recorder, kubeconfig: Document, target: Kubernetes) -> None:
    app = await recorder.app("nomad", deployment("nomad"), config_map("nomad"))
    await recorder.ended(app)
    await _registered(recorder, kubeconfig, "it")
    theirs = await target.create(CONFIG_MAPS, config_map("nomad", key="theirs"))
    await recorder.keep("migrate-failed", await recorder.migrate(app))
    await target.delete(f"{CONFIG_MAPS}/{theirs['metadata']['name']}")
    await recorder.keep("migrate-succeeded", await recorder.migrate(app))
    await recorder.keep("application-migrate", app.workflow_id)
    await recorder.delete(app)
    await recorder.ended(app)


async def _swept(recorder: Recorder) -> None:
    await recorder.client.execute_workflow(WorkflowName.SWEEP, id="sweep", task_queue=TASK_QUEUE)
    await recorder.keep("sweep", "sweep")
    await recorder.client.execute_workflow(
        WorkflowName.SAMPLE_METRICS, id="sample-metrics", task_queue=TASK_QUEUE
    )
    await recorder.keep("sample-metrics", "sample-metrics")
    await recorder.client.execute_workflow(
        WorkflowName.REBALANCE, PassOrder(settle=0.1), id="rebalance-recorded", task_queue=TASK_QUEUE
    )
    await recorder.keep("rebalance", "rebalance-recorded")


async def _unregistered(recorder: Recorder) -> None:
    app = await recorder.app("last", config_map("last"), config_map("left"))
    await recorder.ended(app)
    cluster = scheduled_cluster(await recorder.store.get("Application", NAMESPACE, "last"))
    assert cluster is not None
    await _collected(recorder)
    handle = recorder.client.get_workflow_handle(f"{cluster.workflow_id}/observe")
    await recorder.delete(cluster, "cascade")
    await recorder.ended(cluster)
    await recorder.keep("cluster-deleted", cluster.workflow_id)
    await recorder.keep("clear-cluster", f"{cluster.workflow_id}/clear")

    async def closed() -> bool:
        return (await handle.describe()).close_time is not None

    await until("the observation ends", closed)
    await recorder.keep("observe-cancelled", handle.id)


async def _collected(recorder: Recorder) -> None:
    """An application is deleted by force, and what it leaves is removed."""
    app = await recorder.app("forced")
    await recorder.ended(app)
    async with recorder.store.transaction() as transaction:
        record = await transaction.get("Application", NAMESPACE, "forced")
        cluster = scheduled_cluster(record)
        assert cluster is not None
        await leave_behind(transaction, record, "deleted by force")
        await transaction.remove(record, NewEvent("Deleted"))
    workflow_id = await temporal.collect(recorder.client, Collection(cluster=cluster))
    await asyncio.wait_for(recorder.client.get_workflow_handle(workflow_id).result(), 60)
    await recorder.keep("collect-orphans", workflow_id)


@asynccontextmanager
async def recorder_in(folder: Path) -> AsyncIterator[tuple[Recorder, Sandbox, Sandbox]]:
    """Real servers, and a worker as `python -m worker` builds it."""
    url = f"sqlite+aiosqlite:///{folder / 'krake.db'}"
    migrate.upgrade(url)
    settings = Settings(
        state_dir=folder,
        cluster_timeout=1,
        observe_interval=30,
        provisioning_interval=4,
        worker_graceful_shutdown=1,
        # A saved history can be read, and replays with any key.
        temporal_encryption=False,
    )
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(temporal_server(folder / "temporal"))
        clusters = [sandbox_cluster(folder, name, nodes=1) for name in ("de", "it")]
        sandbox, other = [await stack.enter_async_context(cluster) for cluster in clusters]
        store = await stack.enter_async_context(Store.open(url, Cipher.from_keys([new_key()])))
        client = await temporal.connect(settings.model_copy(update={"temporal_address": server.address}))
        connections = Connections(store, Limits(settings.cluster_timeout))
        stack.push_async_callback(connections.close)
        await stack.enter_async_context(build_worker(client, store, connections, settings))
        yield Recorder(store, client), sandbox, other


async def main() -> None:
    """Record everything, and say what was recorded."""
    with tempfile.TemporaryDirectory() as folder:
        async with asyncio.timeout(timedelta(minutes=5).total_seconds()):
            async with recorder_in(Path(folder)) as (recorder, sandbox, other):
                await record(recorder, sandbox, other)
    for name, workflow in EXPECTED.items():
        click.echo(f"{workflow:<18} tests/histories/{name}.json")


if __name__ == "__main__":
    logging.getLogger("temporalio").setLevel(logging.CRITICAL)
    asyncio.run(main())

"""Histories of clusters that are made, changed and removed, with real sandboxes; see record.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from krake.messages.base import Target
from krake.messages.names import TASK_QUEUE, WorkflowName
from krake.models.cluster import ClusterSpec
from krake.store import NewEvent
from tests.support.store import CREATED

if TYPE_CHECKING:
    from tests.workflows.record import Recorder

NAMESPACE = "testing"
PROVIDER = {"type": "custom", "custom": {"name": "sandbox", "options": {}}}
CLOUD = {
    "type": "custom",
    "custom": {"infrastructure_provider": {"name": "sandboxes", "namespaced": True}, "options": {}},
}


async def make_and_remove(recorder: Recorder) -> None:
    """A cluster that cannot be made, and one that is made, scaled, given new credentials, and removed."""
    wrong = await _cluster(recorder, "impossible", flavor="huge")
    await recorder.ended(wrong)
    await recorder.keep("cluster-waits", wrong.workflow_id)
    await _places(recorder)
    await recorder.wake(wrong, "sweep")
    await recorder.ended(wrong)
    await recorder.keep("provision-failed", f"{wrong.workflow_id}/provision")
    await recorder.delete(wrong)
    await recorder.ended(wrong)

    cluster = await _cluster(recorder, "made", flavor="small")
    await recorder.ended(cluster)
    await recorder.keep("cluster-made", cluster.workflow_id)
    await recorder.keep("provision-cluster", f"{cluster.workflow_id}/provision")
    await _scale(recorder, cluster)
    await recorder.ended(cluster)
    await recorder.keep("scale-cluster", f"{cluster.workflow_id}/scale")
    await _rotate(recorder, cluster)
    await recorder.ended(cluster)
    await recorder.keep("cluster-rotated", cluster.workflow_id)
    await recorder.client.execute_workflow(
        WorkflowName.OBSERVE_CLOUDS, id="observe-clouds", task_queue=TASK_QUEUE
    )
    await recorder.keep("observe-clouds", "observe-clouds")
    await recorder.delete(cluster)
    await recorder.ended(cluster)
    await recorder.keep("deprovision-cluster", f"{cluster.workflow_id}/deprovision")
    await recorder.keep("cluster-removed", cluster.workflow_id)


async def _places(recorder: Recorder) -> None:
    async with recorder.store.transaction() as transaction:
        for kind, name, spec in (("InfrastructureProvider", "sandboxes", PROVIDER), ("Cloud", "here", CLOUD)):
            await transaction.create(kind, NAMESPACE, name, labels={}, spec=spec, status={}, event=CREATED)


async def _cluster(recorder: Recorder, name: str, **machines: Any) -> Target:
    document = {"infrastructure": {"nodes": 1, **machines}, "backoff_limit": 0}
    return await recorder.create(
        "Cluster", name, ClusterSpec.model_validate(document).model_dump(mode="json")
    )


async def _scale(recorder: Recorder, cluster: Target) -> None:
    async with recorder.store.transaction() as transaction:
        record = await transaction.get(cluster.kind, cluster.namespace, cluster.name)
        spec = {**record.spec, "infrastructure": {**record.spec["infrastructure"], "nodes": 2}}
        await transaction.update_spec(record, labels={}, spec=spec, event=NewEvent("Updated"))
    await recorder.wake(cluster, "updated")


async def _rotate(recorder: Recorder, cluster: Target) -> None:
    async with recorder.store.transaction() as transaction:
        record = await transaction.get(cluster.kind, cluster.namespace, cluster.name)
        await transaction.write_status(record, {"rotation_requested": "2026-11-25T00:00:00+00:00"})
    await recorder.wake(cluster, "rotation requested")

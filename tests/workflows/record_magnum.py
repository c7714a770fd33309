"""Histories of Magnum clusters; see record.py. A sandbox stands for what Magnum would make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from activities.magnum_clusters.clusters import name_of_cluster
from api.examples import EXAMPLES
from krake.messages.base import Target
from krake.models.cluster import ClusterSpec
from krake.models.openstack import MagnumClusterSpec, ProjectSpec
from krake.resources import reference
from krake.store import Record, Transaction
from tests.activities.workbench import target_of
from tests.support.store import CREATED

if TYPE_CHECKING:
    from tests.workflows.record import Recorder

NAMESPACE = "testing"
CLOUD = {"api": "infrastructure", "kind": "Cloud", "namespace": NAMESPACE, "name": "here"}
"""The cloud of record_clouds.py."""


async def make_by_magnum(recorder: Recorder) -> None:
    """One that finds no project, and one that is made and removed."""
    spec = MagnumClusterSpec().model_dump(mode="json")
    waiting = await recorder.create("MagnumCluster", "nowhere", spec)
    await recorder.ended(waiting)
    await recorder.keep("magnum-cluster-waits", waiting.workflow_id)
    await recorder.delete(waiting)
    await recorder.ended(waiting)

    magnum = await _bound(recorder)
    await recorder.wake(magnum, "created")
    await recorder.ended(magnum)
    await recorder.keep("magnum-cluster-made", magnum.workflow_id)
    await recorder.delete(magnum)
    await recorder.ended(magnum)
    await recorder.keep("magnum-cluster-removed", magnum.workflow_id)


async def _bound(recorder: Recorder) -> Target:
    """A Magnum cluster in a project, whose cluster has one node too few and is made as a sandbox."""
    project = ProjectSpec.model_validate(EXAMPLES["Project"]["spec"]).model_dump(mode="json")
    wanted = MagnumClusterSpec(node_count=2).model_dump(mode="json")
    async with recorder.store.transaction() as transaction:
        place = await _create(transaction, "Project", "edge", project, {"state": "ONLINE"})
        bound = {"state": "PENDING", "project": reference(target_of(place)), "template": "k8s"}
        magnum = await _create(transaction, "MagnumCluster", "magnum", wanted, bound)
        machines = ClusterSpec.model_validate({"infrastructure": {"nodes": 1}}).model_dump(mode="json")
        owner, there = reference(target_of(magnum)), {"state": "PENDING", "scheduled_to": CLOUD}
        await _create(transaction, "Cluster", name_of_cluster(magnum), machines, there, owners=[owner])
    return target_of(magnum)


async def _create(
    transaction: Transaction, kind: str, name: str, spec: dict[str, Any], status: dict[str, Any], **more: Any
) -> Record:
    return await transaction.create(
        kind, NAMESPACE, name, labels={}, spec=spec, status=status, event=CREATED, **more
    )

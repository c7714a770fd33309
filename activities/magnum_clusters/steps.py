"""What a Magnum cluster's lifecycle does: all of it is in the store, and one step is one transaction."""

from __future__ import annotations

from temporalio import activity

from activities.magnum_clusters.clusters import belongs_to, create_cluster, own_cluster, update_cluster
from activities.magnum_clusters.leaving import leave
from activities.magnum_clusters.mirroring import AT_REST, mirror
from activities.magnum_clusters.projects import bound_project, choose_project
from activities.waking import target_of
from krake.messages.lifecycle import Ask
from krake.models.kinds import MAGNUM_CLUSTER
from krake.models.openstack import MagnumClusterState
from krake.models.reasons import ReasonCode
from krake.provisioning.messages import MagnumStep
from krake.settings import Settings
from krake.store import NewEvent, Record, Store, Transaction


class MagnumClusterActivities:
    """Has Magnum clusters carried out by Kubernetes clusters, whose own lifecycles speak to the clouds."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    @activity.defn(name="next_magnum_cluster_step")
    async def next_magnum_cluster_step(self, ask: Ask) -> MagnumStep:
        """Do what can be done now; says whom to wake, and when to look again."""
        cause = ", ".join(ask.causes)
        async with self._store.transaction() as transaction:
            record = await transaction.find(MAGNUM_CLUSTER.name, ask.target.namespace, ask.target.name)
            if record is None:
                return MagnumStep(words="it is gone")
            if record.deleted is not None:
                return await leave(transaction, record, self._settings.provisioning_interval)
            if not record.status.get("project"):
                return await self._choose(transaction, record, cause)
            project = await bound_project(transaction, record)
            if project is None:
                words = f"Unable to find bound project: {record.status['project']['name']}. Create it again"
                return await _fail(transaction, record, words, cause)
            return await self._carry_out(transaction, record, project, cause)

    async def _choose(self, transaction: Transaction, record: Record, cause: str) -> MagnumStep:
        project = await choose_project(transaction, record, self._settings.metric_max_age, cause)
        if project is None:
            return MagnumStep(words="waits for a project")
        bound = await transaction.get(record.kind, record.namespace, record.name)
        return await self._carry_out(transaction, bound, project, cause)

    async def _carry_out(
        self, transaction: Transaction, record: Record, project: Record, cause: str
    ) -> MagnumStep:
        cluster = await own_cluster(transaction, record)
        if cluster is not None and not belongs_to(cluster, record):
            words = f"There is a cluster {cluster.name} already that is not its own. Remove or adopt it"
            return await _fail(transaction, record, words, cause)
        before = cluster.generation if cluster is not None else 0
        if cluster is None:
            cluster = await create_cluster(transaction, record, project, cause)
        elif cluster.deleted is None:
            cluster = await update_cluster(transaction, record, project, cluster, cause)
        state = await mirror(transaction, record, cluster, cause)
        return MagnumStep(
            words=state.value,
            wake=(target_of(cluster),) if cluster.generation != before else (),
            pause=0 if state in AT_REST else self._settings.provisioning_interval,
        )


async def _fail(transaction: Transaction, record: Record, words: str, cause: str) -> MagnumStep:
    """What somebody has to mend; it is looked at again when it is changed, and by the sweep."""
    reason = {"code": ReasonCode.INVALID_RESOURCE.value, "message": words}
    changes = {"state": MagnumClusterState.FAILED.value, "reason": reason, "message": ""}
    if any(record.status.get(name) != value for name, value in changes.items()):
        await transaction.write_status(record, changes, NewEvent("Failed", words, cause=cause))
    return MagnumStep(words="FAILED")

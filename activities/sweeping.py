"""The repair for wake-ups that were lost between the store's commit and Temporal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from activities.heartbeats import with_heartbeats
from activities.magnum_clusters.mirroring import out_of_step
from activities.provisioning.tidying import Tidying
from activities.waking import target_of
from krake import temporal
from krake.hooks.shutdown import gave_up
from krake.messages.base import Target
from krake.messages.observing import Swept
from krake.settings import Settings
from krake.store import Record, Store

_BATCH = 500


class SweepingActivities:
    """Finds resources that nobody works on although they are not as desired."""

    def __init__(self, store: Store, client: Client, settings: Settings) -> None:
        self._store = store
        self._client = client
        self._settings = settings
        self._tidying = Tidying(store, settings, partial(temporal.wake, client))

    @activity.defn(name="sweep")
    async def sweep(self) -> Swept:
        """Wake what has no open workflow and should have one; forget what is older than the retention."""
        return await with_heartbeats(self._sweep())

    async def _sweep(self) -> Swept:
        clusters = await self._store.all_of("Cluster")
        woken = await self._tidying.tidy(clusters)
        unobserved = await self._store.unobserved(_BATCH)
        others = [*await self._unwatched_clusters(clusters), *await out_of_step(self._store)]
        candidates = {record.uid: record for record in [*unobserved, *others]}
        for record in candidates.values():
            if gave_up(record):
                continue
            if not await self._is_running(target_of(record).workflow_id):
                await temporal.wake(self._client, target_of(record), "sweep")
                woken += 1
        await self._store.prune(datetime.now(UTC) - timedelta(days=self._settings.history_retention_days))
        return Swept(unobserved=len(unobserved), woken=woken)

    async def _unwatched_clusters(self, clusters: list[Record]) -> list[Record]:
        verified = [
            record for record in clusters if record.deleted is None and record.status.get("verified_at")
        ]
        return [
            record for record in verified if not await self._is_running(observation_id(target_of(record)))
        ]

    async def _is_running(self, workflow_id: str) -> bool:
        try:
            description = await self._client.get_workflow_handle(workflow_id).describe()
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                return False
            raise
        return description.status == WorkflowExecutionStatus.RUNNING


def observation_id(cluster: Target) -> str:
    """Id of the workflow that observes a cluster."""
    return f"{cluster.workflow_id}/observe"

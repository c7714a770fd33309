"""Asking a cloud how far a cluster is."""

from __future__ import annotations

from datetime import UTC, datetime

from temporalio import activity

from activities.provisioning.calling import called
from activities.provisioning.providers import Providers
from activities.provisioning.status import note, provisioning_of
from krake.provisioning.messages import CloudAnswer, ClusterOrder
from krake.provisioning.provider import Progress, ProviderError, Stage
from krake.settings import Settings
from krake.store import Record, Store


class LookingActivities:
    """Looks at clusters at their clouds, and shows what the clouds say."""

    def __init__(self, store: Store, providers: Providers, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._providers = providers

    @activity.defn(name="look_at_cluster")
    async def look_at_cluster(self, order: ClusterOrder) -> CloudAnswer:
        """How far the cluster is; a cloud that gives no answer leaves it at work.

        Raises:
            ApplicationError: the cloud will not answer until somebody mends something.
        """
        record = await self._store.get_by_uid(order.target.uid)
        found = Progress(Stage.GONE) if record is None else await called(self._look(record))
        if record is not None:
            await self._show(record, found)
        code = found.code.value if found.code else ""
        return CloudAnswer(
            stage=found.stage,
            message=found.message,
            nodes=found.nodes,
            code=code,
            advanced=found.advanced,
            look_again=self._settings.provisioning_interval,
            patience=self._settings.provisioning_timeout,
        )

    async def _look(self, record: Record) -> Progress:
        try:
            async with self._providers.of_cluster(record) as provider:
                cluster_id = record.status.get("cluster_id") or await provider.find(record.uid)
                return Progress(Stage.GONE) if not cluster_id else await provider.progress(cluster_id)
        except ProviderError as error:
            if not error.temporary:
                raise
            return Progress(Stage.WORKING, f"no answer from the cloud: {error.message}")

    async def _show(self, record: Record, found: Progress) -> None:
        before = provisioning_of(record)
        if not before or (before["message"], before.get("nodes")) == (found.message, found.nodes):
            return
        shown = {
            **before,
            "message": found.message,
            "nodes": found.nodes,
            "checked_at": datetime.now(UTC).isoformat(),
        }
        async with self._store.transaction() as transaction:
            await note(transaction, record.uid, {"provisioning": shown})

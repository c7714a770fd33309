"""Removing, at a cloud, clusters that Krake forgot by force."""

from __future__ import annotations

import structlog

from krake.provisioning.orphans import API_VERSION
from krake.provisioning.provider import ClusterProvider, ProviderError, Stage
from krake.store import Record, Store

_log = structlog.get_logger("activities.provisioning")


async def collect_at_cloud(store: Store, cloud: Record, provider: ClusterProvider) -> None:
    """Ask for the removal of what is left there, and forget what is gone; the next look goes on."""
    for orphan in await store.orphans(api_version=API_VERSION, kind=cloud.kind, object_name=cloud.name):
        if (orphan.object_namespace or "") != cloud.namespace:
            continue
        try:
            cluster_id = await provider.find(orphan.cluster_uid) or orphan.object_uid
            stage = (await provider.progress(cluster_id)).stage if cluster_id else Stage.GONE
            if stage not in (Stage.GONE, Stage.DELETING):
                await provider.delete(cluster_id)
        except ProviderError as error:
            _log.info("orphan stays at cloud", cloud=cloud.name, cluster=orphan.cluster, error=error.message)
            continue
        if stage is Stage.GONE:
            async with store.transaction() as transaction:
                await transaction.remove_orphan(orphan.id)

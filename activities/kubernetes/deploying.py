"""Activities that bring an application onto its cluster."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from temporalio import activity

from activities.failures import user_error
from activities.heartbeats import with_heartbeats
from activities.kubernetes.applying import apply_object, remove_object
from activities.kubernetes.cache import ENDPOINT_SLICE
from activities.kubernetes.connections import Access, Connections
from activities.kubernetes.errors import ClusterError
from activities.kubernetes.manifest import Desired, phases, resolve, served_kind
from activities.kubernetes.objects import ObjectIdentity
from activities.kubernetes.survey import key_of
from activities.store.inventory import inventory_on, write_inventory
from krake.messages import Applied, OnCluster
from krake.models.application import ObjectStatus
from krake.models.reasons import ReasonCode
from krake.store import Store

_SYNC_SECONDS = 10.0


class DeployingActivities:
    """Applies manifests. Every call may be repeated: the same desired state leads to the same objects."""

    def __init__(self, store: Store, connections: Connections) -> None:
        self._store = store
        self._connections = connections

    @activity.defn(name="apply_manifest")
    async def apply_manifest(self, call: OnCluster) -> Applied:
        """Apply every object of the application in dependency order, and delete those it no longer names.

        Raises:
            ApplicationError: with a reason code; not retryable where the user has to mend the manifest.
        """
        return await with_heartbeats(self._apply(call))

    async def _apply(self, call: OnCluster) -> Applied:
        record = await self._store.get_by_uid(call.target.uid)
        if record is None:
            raise user_error(ReasonCode.INVALID_RESOURCE, "the application is not there any more")
        if record.status.get("migration") and record.generation != call.generation:
            # What it names is not in the inventory: were the move undone half-way, it would be left behind.
            raise user_error(ReasonCode.INVALID_RESOURCE, "the application was changed meanwhile")
        access = await self._connections.to(call.cluster)
        desired = await resolve(access, record.spec["manifest"])
        await _follow(access, desired)
        known = {await _identity(access, item): item for item in inventory_on(record, call.cluster)}
        applied: dict[ObjectIdentity, ObjectStatus] = {}
        for phase in phases(desired):
            jobs = [self._apply_one(access, call, item, known) for item in phase]
            for status in await _all(jobs):
                applied[key_of(status).identity] = status
        surplus = [item for key, item in known.items() if key not in applied]
        await _all([remove_object(access, item, record.uid) for item in surplus])
        await write_inventory(self._store, record.uid, call.cluster, list(applied.values()))
        return Applied(applied=len(applied), pruned=len(surplus))

    async def _apply_one(
        self, access: Access, call: OnCluster, item: Desired, known: dict[ObjectIdentity, ObjectStatus]
    ) -> ObjectStatus:
        served = await served_kind(access, item)
        key = Desired(item.manifest, served).key(access.connection.namespace)
        before = known.get(key.identity)
        return await apply_object(
            access, served, key, item.manifest, call.target, known=before is not None and bool(before.uid)
        )


async def _identity(access: Access, item: ObjectStatus) -> ObjectIdentity:
    """The identity of an object in the inventory, which may have been foreseen with too much namespace."""
    key = key_of(item)
    try:
        served = await access.discovery.find(item.api_version, item.kind)
    except ClusterError as error:
        if error.code != ReasonCode.UNSUPPORTED_RESOURCE:
            raise
        return key.identity
    return key.identity if served.namespaced else replace(key, namespace="").identity


async def _follow(access: Access, desired: list[Desired]) -> None:
    kinds = {item.served for item in desired if item.served is not None}
    if any(item.kind == "Service" for item in desired):
        kinds.add(ENDPOINT_SLICE)
    await access.cache.follow(kinds, _SYNC_SECONDS)


async def _all(jobs: list[Any]) -> list[Any]:
    """Results of jobs that run side by side, all of them finished before the first failure is raised."""
    results = await asyncio.gather(*jobs, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return list(results)

"""Activities that bring an application onto its cluster."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from temporalio import activity

from activities.failures import user_error
from activities.heartbeats import with_heartbeats
from activities.hooks.effective import EffectiveManifests
from activities.kubernetes.cache import ENDPOINT_SLICE
from activities.kubernetes.connections import Access, Connections
from activities.kubernetes.errors import ClusterError
from activities.kubernetes.manifest import Desired, phases, resolve, served_kind
from activities.kubernetes.objects import ObjectIdentity
from activities.kubernetes.observed_fields import schemas_of
from activities.kubernetes.pruning import obsolete
from activities.kubernetes.replacing import apply_or_replace
from activities.kubernetes.restoring import Observing
from activities.kubernetes.survey import key_of
from activities.store.inventory import inventory_on, with_learned, write_inventory
from krake.messages.deploying import Applied, OnCluster
from krake.models.application import ObjectStatus
from krake.models.observer_schema import identity
from krake.models.reasons import ReasonCode
from krake.settings import Settings
from krake.store import NewEvent, Record, Store

_SYNC_SECONDS = 10.0


class DeployingActivities:
    """Applies manifests. Every call may be repeated: the same desired state leads to the same objects."""

    def __init__(self, store: Store, connections: Connections, settings: Settings) -> None:
        self._store = store
        self._connections = connections
        self._manifests = EffectiveManifests(store, settings)

    @activity.defn(name="apply_manifest")
    async def apply_manifest(self, call: OnCluster) -> Applied:
        """Apply every object of the application in dependency order.

        Objects that the manifest no longer names stay in the inventory, marked as obsolete: they are removed
        when the others are ready, so that a rollout that fails can return.

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
        manifest = await self._manifests.of(record, call.cluster, access.connection.namespace)
        desired = await resolve(access, manifest)
        await access.cache.observe_fields(record.uid, schemas_of(record.spec))
        await _follow(access, desired)
        before = with_learned(record, inventory_on(record, call.cluster))
        known = {await _identity(access, item): item for item in before}
        applied: dict[ObjectIdentity, ObjectStatus] = {}
        for phase in phases(desired):
            jobs = [self._apply_one(access, call, item, known, record) for item in phase]
            for status in await _all(jobs):
                applied[key_of(status).identity] = status
        surplus = [obsolete(item) for key, item in known.items() if key not in applied]
        await write_inventory(self._store, record.uid, call.cluster, [*applied.values(), *surplus])
        return Applied(applied=len(applied))

    async def _apply_one(
        self,
        access: Access,
        call: OnCluster,
        item: Desired,
        known: dict[ObjectIdentity, ObjectStatus],
        record: Record,
    ) -> ObjectStatus:
        served = await served_kind(access, item)
        key = Desired(item.manifest, served).key(access.connection.namespace)
        before = known.get(key.identity)
        status, replaced = await apply_or_replace(
            access,
            served,
            key,
            item.manifest,
            call.target,
            before,
            _observing(record, item, before),
        )
        if replaced:
            await self._tell(call, NewEvent("Replaced", f"{key}: {replaced}", cause=call.cause))
        return status

    async def _tell(self, call: OnCluster, event: NewEvent) -> None:
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(call.target.uid)
            if record is not None:
                await transaction.add_event(record, event)


def _observing(record: Record, item: Desired, before: ObjectStatus | None) -> Observing | None:
    """What the application's observer schema says of an object.

    A repair puts learned fields back; a new generation learns them anew, because what it changes may well
    change them, too.
    """
    schema = schemas_of(record.spec).get(identity(item.manifest))
    if schema is None:
        return None
    repair = record.status.get("observed_generation") == record.generation
    return Observing(schema, before.observed_fields if repair and before is not None else {})


async def _identity(access: Access, item: ObjectStatus) -> ObjectIdentity:
    """The identity of an object in the inventory, which may have been foreseen with too much namespace."""
    key = key_of(item)
    try:
        served = await access.discovery.find(item.api_version, item.kind)
    except ClusterError as error:
        if not error.not_served:
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

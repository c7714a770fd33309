"""The activity that compares an application with its cluster, for somebody who waits for the answer."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from temporalio import activity

from activities.failures import user_error
from activities.heartbeats import with_heartbeats
from activities.hooks.effective import EffectiveManifests
from activities.kubernetes.comparing import Comparison, compare_object, find_object
from activities.kubernetes.connections import Access, Connections
from activities.kubernetes.errors import ClusterError
from activities.kubernetes.manifest import Desired
from activities.kubernetes.objects import OWNER_LABEL, ObjectIdentity, ObjectKey
from activities.kubernetes.observed_fields import Schemas, schemas_of
from activities.kubernetes.survey import key_of
from activities.store.applications import scheduled_cluster
from activities.store.inventory import inventory, with_learned
from krake.messages.base import Target
from krake.models.application import ObjectStatus
from krake.models.drift import ApplicationDiff, ObjectDifference
from krake.models.observer_schema import identity
from krake.models.reasons import ReasonCode
from krake.settings import Settings
from krake.store import Record, Store

_MOST_OBJECTS = 100
_SIDE_BY_SIDE = 8


class ComparingActivities:
    """Compares and changes nothing."""

    def __init__(self, store: Store, connections: Connections, settings: Settings) -> None:
        self._store = store
        self._connections = connections
        self._manifests = EffectiveManifests(store, settings)

    @activity.defn(name="compare_application")
    async def compare_application(self, target: Target) -> ApplicationDiff:
        """What differs between the application's manifest and its cluster; nothing of Secrets but paths.

        Raises:
            ApplicationError: it is on no cluster, or its cluster does not answer.
        """
        return await with_heartbeats(self._compare(target))

    async def _compare(self, target: Target) -> ApplicationDiff:
        record = await self._store.get_by_uid(target.uid)
        cluster = scheduled_cluster(record) if record is not None else None
        if record is None or cluster is None:
            raise user_error(ReasonCode.INVALID_RESOURCE, "the application is on no cluster")
        access = await self._connections.to(cluster)
        manifest = await self._manifests.applied(record, cluster, access.connection.namespace)
        look = _Look(access, target, record, manifest)
        found = await look.all()
        return ApplicationDiff(
            cluster=cluster.name,
            generation=record.generation,
            at=datetime.now(UTC),
            compared=look.compared,
            objects=found[:_MOST_OBJECTS],
        )


class _Look:
    """One look at everything that an application has, or should have, on its cluster."""

    def __init__(
        self, access: Access, target: Target, record: Record, manifest: list[dict[str, Any]]
    ) -> None:
        self._access = access
        self._target = target
        self._manifest = manifest
        self._schemas: Schemas = schemas_of(record.spec)
        self._items = {key_of(item).identity: item for item in with_learned(record, inventory(record))}
        self._named: set[ObjectIdentity] = set()
        self._slots = asyncio.Semaphore(_SIDE_BY_SIDE)
        self.compared = 0

    async def all(self) -> list[ObjectDifference]:
        """Every object that differs: those of the manifest in its order, then what it does not name."""
        named = await asyncio.gather(*(self._object(manifest) for manifest in self._manifest))
        rest = [item for key, item in self._items.items() if key not in self._named and item.uid]
        surplus = await asyncio.gather(*(self._surplus(item) for item in rest))
        return [item for item in [*named, *surplus] if item is not None]

    async def _object(self, manifest: dict[str, Any]) -> ObjectDifference | None:
        async with self._slots:
            self.compared += 1
            try:
                served = await self._access.discovery.find(manifest["apiVersion"], manifest["kind"])
            except ClusterError as error:
                if not error.not_served:
                    raise
                return self._unserved(manifest, error)
            key = Desired(manifest, served).key(self._access.connection.namespace)
            self._named.add(key.identity)
            item = self._items.get(key.identity)
            expected = item.observed_fields if item is not None else None
            schema = self._schemas.get(identity(manifest))
            wanted = Comparison(served, key, manifest, schema, expected)
            return await compare_object(self._access, self._target, wanted)

    def _unserved(self, manifest: dict[str, Any], error: ClusterError) -> ObjectDifference:
        metadata = manifest["metadata"]
        namespace = metadata.get("namespace") or self._access.connection.namespace
        key = ObjectKey(manifest["apiVersion"], manifest["kind"], namespace, metadata["name"])
        self._named.add(key.identity)
        return ObjectDifference(
            api_version=key.api_version,
            kind=key.kind,
            namespace=metadata.get("namespace"),
            name=key.name,
            change="missing",
            message=error.message,
        )

    async def _surplus(self, item: ObjectStatus) -> ObjectDifference | None:
        """An object of before that is still there."""
        async with self._slots:
            self.compared += 1
            try:
                served = await self._access.discovery.find(item.api_version, item.kind)
            except ClusterError as error:
                if not error.not_served:
                    raise
                return None
            live = await find_object(self._access, served.path(item.namespace, item.name))
        labels = (live or {}).get("metadata", {}).get("labels") or {}
        if labels.get(OWNER_LABEL) != self._target.uid:
            return None
        return ObjectDifference(
            api_version=item.api_version,
            kind=item.kind,
            namespace=item.namespace,
            name=item.name,
            change="surplus",
            message="the manifest does not name it any more",
        )

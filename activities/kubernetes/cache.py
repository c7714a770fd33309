"""What a worker knows of the objects that Krake applied to one cluster, kept current by watches."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from activities.kubernetes.connection import ClusterConnection, Document
from activities.kubernetes.discovery import ServedKind
from activities.kubernetes.errors import ClusterError, unreachable
from activities.kubernetes.objects import OWNER_LABEL, ObjectKey
from activities.kubernetes.observed_fields import Schemas
from activities.kubernetes.views import View, view_of
from activities.kubernetes.watch import KindWatch
from krake.models.observer_schema import identity

ENDPOINT_SLICE = ServedKind("discovery.k8s.io/v1", "EndpointSlice", "endpointslices", namespaced=True)
"""Kubernetes copies a Service's labels to its EndpointSlices, so the owner's label selects them as well."""


class Change:
    """Collects whose objects changed until somebody looks."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._owners: set[str] = set()

    def add(self, owner: str) -> None:
        """Note that objects of an application changed."""
        self._owners.add(owner)
        self._event.set()

    async def wait(self, timeout: float) -> set[str]:
        """The uids of the applications that changed since the last call; empty after `timeout` seconds."""
        try:
            await asyncio.wait_for(self._event.wait(), timeout)
        except TimeoutError:
            return set()
        self._event.clear()
        owners, self._owners = self._owners, set()
        return owners


class ClusterCache:
    """The applied objects of one cluster, by application."""

    def __init__(self, connection: ClusterConnection) -> None:
        self._connection = connection
        self._watches: dict[ServedKind, KindWatch] = {}
        self._views: dict[str, dict[ObjectKey, View]] = defaultdict(dict)
        self._schemas: dict[str, Schemas] = {}
        self._listeners: set[Change] = set()
        self.interruption: ClusterError | None = None

    async def follow(self, kinds: set[ServedKind], timeout: float) -> None:
        """Watch these kinds from now on, and wait until all their objects are known.

        Raises:
            ClusterError: the cluster does not answer within `timeout` seconds or refuses.
        """
        for kind in kinds:
            if kind not in self._watches or self._watches[kind].ended:
                self._watches[kind] = self._start(kind)
        synced = await asyncio.gather(*(self._watches[kind].wait_synced(timeout) for kind in kinds))
        if not all(synced):
            raise self.interruption or unreachable(self._connection.name, "no answer in time")

    async def observe_fields(self, owner: str, schemas: Schemas) -> None:
        """Keep the fields that observer schemas name, for the objects of one application, from now on.

        The kinds of objects that are known without them are listed again: `follow` waits for that.
        """
        if self._schemas.get(owner, {}) == schemas:
            return
        if schemas:
            self._schemas[owner] = schemas
        else:
            self._schemas.pop(owner)
        known = {(key.api_version, key.kind) for key in self._views.get(owner, {})}
        for kind in [kind for kind in self._watches if (kind.api_version, kind.kind) in known]:
            await self._watches[kind].close()
            self._watches[kind] = self._start(kind)

    def has_ended(self, api_version: str, kind: str) -> bool:
        """Whether the cluster stopped to serve a kind that was followed."""
        return any(
            watch.ended
            for served, watch in self._watches.items()
            if (served.api_version, served.kind) == (api_version, kind)
        )

    @property
    def synced(self) -> bool:
        """Whether everything followed is current."""
        return all(watch.synced for watch in self._watches.values())

    def views(self, owner: str) -> dict[ObjectKey, View]:
        """The objects of one application, by identity."""
        return self._views.get(owner, {})

    def owner_of(self, key: ObjectKey) -> str:
        """The uid of the application that has an object of this identity; empty when none has."""
        return next((owner for owner, views in self._views.items() if key in views), "")

    @property
    def listened_to(self) -> bool:
        """Whether somebody waits for changes."""
        return bool(self._listeners)

    @contextmanager
    def listen(self) -> Iterator[Change]:
        """Notice every change while the context is open."""
        change = Change()
        self._listeners.add(change)
        try:
            yield change
        finally:
            self._listeners.discard(change)

    async def close(self) -> None:
        """End all watches."""
        await asyncio.gather(*(watch.close() for watch in self._watches.values()))
        self._watches.clear()

    def _start(self, kind: ServedKind) -> KindWatch:
        def replaced(documents: list[Document]) -> None:
            self.interruption = None
            self._replace(kind, [self._view(document) for document in documents])

        def interrupted(error: ClusterError) -> None:
            self.interruption = error

        return KindWatch(
            self._connection,
            kind,
            OWNER_LABEL,
            replaced=replaced,
            changed=self._change,
            interrupted=interrupted,
        )

    def _replace(self, kind: ServedKind, views: list[View]) -> None:
        for owner, known in self._views.items():
            for key in [key for key in known if (key.api_version, key.kind) == (kind.api_version, kind.kind)]:
                del known[key]
                self._tell(owner)
        for view in views:
            self._views[view.owner][view.key] = view
            self._tell(view.owner)

    def _view(self, document: Document) -> View:
        """The object reduced to what is of interest of it."""
        owner = (document.get("metadata", {}).get("labels") or {}).get(OWNER_LABEL, "")
        schemas = self._schemas.get(owner)
        return view_of(document, schemas.get(identity(document)) if schemas else None)

    def _change(self, event: str, document: Document) -> None:
        view = self._view(document)
        if event == "DELETED":
            self._views[view.owner].pop(view.key, None)
            if not self._views[view.owner]:
                del self._views[view.owner]
        else:
            self._views[view.owner][view.key] = view
        self._tell(view.owner)

    def _tell(self, owner: str) -> None:
        for listener in self._listeners:
            listener.add(owner)

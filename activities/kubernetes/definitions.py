"""Sees custom resource definitions come and go on a cluster, and tells those whom that concerns."""

from __future__ import annotations

import asyncio

import structlog

from activities.kubernetes.connection import Document
from activities.kubernetes.connections import Access, Connections
from activities.kubernetes.errors import ClusterError
from activities.kubernetes.offering import DEFINITION, METADATA_ONLY, names_of, read_platform
from activities.kubernetes.watch import KindWatch
from activities.waking import WakingActivities
from krake.messages.base import Target
from krake.messages.lifecycle import Ask
from krake.models.cluster import Platform
from krake.store import NewEvent, Store

_PAUSE_SECONDS = 5.0
_SETTLE_SECONDS = 0.2
_ESTABLISHED_SECONDS = 10.0
_LOOK_AT_PLATFORM_SECONDS = 600.0
"""API servers that are joined to a cluster, as OpenShift's is, have no definition that could be watched."""

log = structlog.get_logger()


class DefinitionObserver:
    """Follows the definitions of one cluster by a watch of their names; an idle one costs nothing."""

    def __init__(
        self, store: Store, waking: WakingActivities, connections: Connections, cluster: Target
    ) -> None:
        self._store = store
        self._waking = waking
        self._connections = connections
        self._cluster = cluster
        self._names: dict[str, Document] = {}
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Observe until cancelled. While the cluster does not answer nothing is concluded."""
        while True:
            try:
                await self._observe(await self._connections.to(self._cluster))
            except ClusterError as error:
                log.info("definitions cannot be followed", message=error.message)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _observe(self, access: Access) -> None:
        watch = KindWatch(
            access.connection,
            DEFINITION,
            "",
            replaced=self._replace,
            changed=self._change,
            interrupted=lambda error: None,
            accept=METADATA_ONLY,
        )
        try:
            while not access.closed and not watch.ended:
                if await self._news(access) and watch.synced:
                    await self._write(access)
        finally:
            await watch.close()

    async def _news(self, access: Access) -> bool:
        """Whether definitions changed, or it is time to look at the platform again."""
        waited = 0.0
        while waited < _LOOK_AT_PLATFORM_SECONDS and not access.closed:
            try:
                await asyncio.wait_for(self._changed.wait(), _PAUSE_SECONDS)
                break
            except TimeoutError:
                waited += _PAUSE_SECONDS
        # Definitions come in bursts.
        await asyncio.sleep(_SETTLE_SECONDS)
        self._changed.clear()
        return not access.closed

    def _replace(self, documents: list[Document]) -> None:
        self._names = {str(document["metadata"]["name"]): document for document in documents}
        self._changed.set()

    def _change(self, event: str, document: Document) -> None:
        name = str(document["metadata"]["name"])
        if event == "DELETED":
            self._names.pop(name, None)
        else:
            self._names[name] = document
        self._changed.set()

    async def _write(self, access: Access) -> None:
        """Record what is there now, if that is news, and have those who may have waited for it look again."""
        names, platform = list(names_of(self._names.values())), await read_platform(access.connection)
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(self._cluster.uid)
            if record is None:
                return
            known = {**record.status, **record.observation}
            before = known.get("custom_resources")
            if before == names and known.get("platform", Platform.KUBERNETES) == platform:
                return
            changes = {"custom_resources": names, "platform": platform}
            await transaction.write_observation(record, changes, _event(before, names))
        for group in {name.partition(".")[2] for name in {*names} ^ {*(before or ())}}:
            access.discovery.forget(group)
        if new := set(names) - set(before or ()):
            await _until_served(access, new)
            await self._waking.wake_waiting_applications(Ask(target=self._cluster))


async def _until_served(access: Access, names: set[str]) -> None:
    """Wait until definitions that were just made have effect; one that is broken is not waited for long."""
    deadline = asyncio.get_running_loop().time() + _ESTABLISHED_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        if all([await _is_served(access, name) for name in names]):
            return
        await asyncio.sleep(_SETTLE_SECONDS)


async def _is_served(access: Access, name: str) -> bool:
    plural, _, group = name.partition(".")
    try:
        versions = (await access.connection.request("GET", f"/apis/{group}")).get("versions") or []
        for version in versions:
            answer = await access.connection.request("GET", f"/apis/{version['groupVersion']}")
            if any(item.get("name") == plural for item in answer.get("resources") or []):
                return True
    except ClusterError as error:
        if not error.not_found:
            raise
    return False


def _event(before: list[str] | None, names: list[str]) -> NewEvent | None:
    if before is None or before == names:
        return None
    come, gone = sorted(set(names) - set(before)), sorted(set(before) - set(names))
    parts = [f"new: {', '.join(come)}"] if come else []
    parts += [f"gone: {', '.join(gone)}"] if gone else []
    return NewEvent("DefinitionsChanged", "; ".join(parts), actor="krake observer")

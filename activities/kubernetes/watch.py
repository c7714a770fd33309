"""One list-and-watch of a kind on a cluster, shared by everybody in this worker who waits for its objects."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import orjson

from activities.kubernetes.connection import JSON, ClusterConnection, Document
from activities.kubernetes.discovery import ServedKind
from activities.kubernetes.errors import ClusterError, from_answer
from activities.metrics import WATCHES

_WATCH_SECONDS = 240
_LONGEST_PAUSE = 10.0
_GONE = 410


class KindWatch:
    """Follows all objects of one kind that carry a label, and survives every interruption.

    Args:
        connection: the cluster.
        served: the kind.
        selector: label selector of the objects to follow.
        replaced: called with all objects after a list.
        changed: called with the event's type and object for every change.
        interrupted: called when the watch breaks, with the reason; what is known may be old from then on.
        accept: the forms in which lists and single objects are asked for, such as metadata only.
    """

    def __init__(
        self,
        connection: ClusterConnection,
        served: ServedKind,
        selector: str,
        *,
        replaced: Callable[[list[Document]], None],
        changed: Callable[[str, Document], None],
        interrupted: Callable[[ClusterError], None],
        accept: tuple[str, str] = (JSON, JSON),
    ) -> None:
        self._list_accept, self._watch_accept = accept
        self._connection = connection
        self._served = served
        self._selector = selector
        self._replaced = replaced
        self._changed = changed
        self._interrupted = interrupted
        self._synced = asyncio.Event()
        self._task = asyncio.create_task(self._follow(), name=f"watch {served.kind} on {connection.name}")

    @property
    def synced(self) -> bool:
        """Whether what is known is complete and followed."""
        return self._synced.is_set()

    @property
    def ended(self) -> bool:
        """Whether it follows nothing any more, because the cluster does not serve the kind."""
        return self._task.done()

    async def wait_synced(self, timeout: float) -> bool:
        """Wait until the first list arrived; False when it did not come within `timeout` seconds."""
        try:
            await asyncio.wait_for(self._synced.wait(), timeout)
        except TimeoutError:
            return False
        return True

    async def close(self) -> None:
        """End the watch."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self) -> None:
        pause = 0.2
        WATCHES.labels(self._connection.name).inc()
        try:
            while True:
                try:
                    version = await self._list()
                    pause = 0.2
                    while version:
                        version = await self._watch(version)
                except ClusterError as error:
                    if error.not_found:
                        return self._end_unserved()
                    self._synced.clear()
                    self._interrupted(error)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, _LONGEST_PAUSE)
        finally:
            WATCHES.labels(self._connection.name).dec()

    def _end_unserved(self) -> None:
        """The definition is gone, and its objects with it.

        Trying again and again would leave everybody waiting who waits for any object on the cluster.
        """
        self._replaced([])
        self._synced.set()

    async def _list(self) -> str:
        answer = await self._connection.request(
            "GET", self._served.collection, query={"labelSelector": self._selector}, accept=self._list_accept
        )
        identity = {"apiVersion": self._served.api_version, "kind": self._served.kind}
        self._replaced([{**item, **identity} for item in answer.get("items") or []])
        self._synced.set()
        return str(answer["metadata"]["resourceVersion"])

    async def _watch(self, version: str) -> str:
        """Follow from a version; returns the version to go on from, empty when a new list is needed."""
        query = {
            "labelSelector": self._selector,
            "resourceVersion": version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(_WATCH_SECONDS),
        }
        async for event in self._connection.stream(
            self._served.collection, query, silence=_WATCH_SECONDS + 30, accept=self._watch_accept
        ):
            kind, document = event.get("type", ""), event.get("object") or {}
            if kind == "ERROR":
                if document.get("code") == _GONE:
                    return ""
                raise from_answer(
                    self._connection.name, int(document.get("code", 500)), orjson.dumps(document)
                )
            version = document["metadata"]["resourceVersion"]
            if kind != "BOOKMARK":
                self._changed(kind, document)
        return version

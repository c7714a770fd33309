"""Following resources as they change, over restarts of the API: nothing is missed, nothing told twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from rok.client import Client
from rok.errors import ExitCode
from rok.problems import ProblemError
from rok.transport import UnreachableError

Document = dict[str, Any]
Snapshot = tuple[list[Document], int]
"""Resources, and the revision from which on changes are not in them."""

SILENCE = 10.0
"""Seconds without a heartbeat after which the connection counts as lost."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 2.0
"""Seconds between attempts to reconnect: the first, and what it grows to."""


@dataclass(frozen=True, slots=True)
class Change:
    """How a resource changed: `type` is ADDED, MODIFIED or DELETED."""

    type: str
    object: Document


@dataclass(frozen=True, slots=True)
class Tick:
    """A sign of life at least every few seconds: a change, or trouble with the connection, or neither."""

    change: Change | None = None
    trouble: str = ""


class Follower:
    """Follows the resources of one path.

    Args:
        path: the collection's path.
        start: what is known already.
        refresh: reads what is there now; called after a lost connection.
        params: what the watch is narrowed to: the `name` of one resource, or selectors.
        silence: seconds without a heartbeat that are borne.
    """

    def __init__(
        self,
        client: Client,
        path: str,
        start: Snapshot,
        refresh: Callable[[], Snapshot],
        *,
        params: Mapping[str, str | int] = MappingProxyType({}),
        silence: float = SILENCE,
    ) -> None:
        self._client = client
        self._path = path
        self._refresh = refresh
        self._params = params
        self._silence = silence
        documents, self._since = start
        self._known = {_uid(document): document for document in documents}

    def ticks(self) -> Iterator[Tick]:
        """Every change from the start on, for ever."""
        pause = FIRST_PAUSE
        while True:
            try:
                for event in self._client.stream(self._path, self._since, self._silence, **self._params):
                    pause = FIRST_PAUSE
                    yield Tick(self._seen(event)) if event else Tick()
            except (UnreachableError, ProblemError) as error:
                if error.code is not ExitCode.SERVER and not _is_gone(error):
                    raise
                yield Tick(trouble=f"{error.what}; trying again")
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            yield from self._caught_up()

    def _seen(self, event: dict[str, Any]) -> Change | None:
        change = Change(event["type"], event["object"])
        self._since = max(self._since, change.object["metadata"]["revision"])
        if change.type == "DELETED":
            self._known.pop(_uid(change.object), None)
        else:
            self._known[_uid(change.object)] = change.object
        return change

    def _caught_up(self) -> Iterator[Tick]:
        """What changed while there was no connection."""
        try:
            documents, since = self._refresh()
        except (UnreachableError, ProblemError) as error:
            if error.code is not ExitCode.SERVER:
                raise
            yield Tick(trouble=f"{error.what}; trying again")
            return
        before, self._known = self._known, {_uid(document): document for document in documents}
        self._since = max(self._since, since)
        for uid in before.keys() - self._known.keys():
            yield Tick(Change("DELETED", before[uid]))
        for uid, document in self._known.items():
            if uid not in before:
                yield Tick(Change("ADDED", document))
            elif document["metadata"]["revision"] > before[uid]["metadata"]["revision"]:
                yield Tick(Change("MODIFIED", document))
        yield Tick()


def _uid(document: Document) -> str:
    return str(document["metadata"]["uid"])


def _is_gone(error: UnreachableError | ProblemError) -> bool:
    """Whether the server has forgotten the revision, so that only a fresh look helps."""
    return isinstance(error, ProblemError) and error.status == 410

"""`--wait`: following one resource until it is as wanted, has failed, or the time is over."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from math import ceil, inf
from typing import Any

from rok.client import Client
from rok.errors import DetachedError, ExitCode, RokError
from rok.following import SILENCE, Change, Follower, Snapshot
from rok.formats import explanation, short_span, span
from rok.progress import Reporter, reporter
from rok.resources import Collection
from rok.session import Session

Document = dict[str, Any]

DELETED = "DELETED"
_SETTLED = frozenset({"RUNNING", "COMPLETED", "ONLINE"})
_ALSO = {
    "RUNNING": frozenset({"COMPLETED"}),
    "CREATING": _SETTLED,
    "RECONCILING": _SETTLED,
    "PENDING": _SETTLED | {"CREATING", "WAITING_FOR_CLUSTER_CREATION"},
    "WAITING_FOR_CLUSTER_CREATION": _SETTLED | {"CREATING"},
}
"""States that come after the wanted one: who asks for CREATING is content when it is over already."""


class Verdict(Enum):
    """What a look at the resource says about the wait."""

    GO_ON = "go on"
    REACHED = "reached"
    FAILED = "failed"


Look = tuple[Change, Verdict]


@dataclass(frozen=True, slots=True)
class Goal:
    """The state that is waited for; `document` is the answer to the write that started it all."""

    collection: Collection
    document: Document
    state: str

    @property
    def name(self) -> str:
        """The resource's name."""
        return str(self.document["metadata"]["name"])

    @property
    def title(self) -> str:
        """The resource in a sentence."""
        return f"{self.collection.kind} '{self.name}'"

    def verdict(self, change: Change) -> Verdict:
        """Judge one state of the resource.

        A settled state counts only when it speaks of the generation that the write made: just after an
        update an application still shows the RUNNING of before.
        """
        metadata, status = change.object["metadata"], change.object["status"]
        ours = metadata["uid"] == self.document["metadata"]["uid"]
        if change.type == "DELETED" or not ours:
            return Verdict.REACHED if self.state == DELETED else Verdict.FAILED
        if self.state == "DELETING" and metadata.get("deleted"):
            return Verdict.REACHED
        current = status.get("observed_generation", 0) >= self.document["metadata"]["generation"]
        if self.undone(status):
            return Verdict.FAILED
        state = status["state"]
        if state == "FAILED" and current and self.state != state:
            return Verdict.FAILED
        wanted = state == self.state or state in _ALSO.get(self.state, ())
        reached = wanted and (current or state not in _SETTLED)
        return Verdict.REACHED if reached else Verdict.GO_ON

    @property
    def wanted(self) -> str:
        """What the resource is to be, in a sentence."""
        return self.state.lower() if self.state == DELETED else self.state

    def reached(self, change: Change) -> str:
        """What the resource is when the goal is reached."""
        if self.state in (DELETED, "DELETING"):
            return f"is {self.state.lower()}"
        return f"is {change.object['status']['state']}"

    def failed(self, change: Change) -> tuple[str, str]:
        """What became of the resource instead, and why."""
        if change.type == "DELETED" or change.object["metadata"]["uid"] != self.document["metadata"]["uid"]:
            return f"{self.title} was deleted before it was {self.wanted}", ""
        status = change.object["status"]
        if self.undone(status):
            back = status["rolled_back"]
            return f"{self.title} was rolled back to generation {back['to']}", back["reason"]
        return f"{self.title} is FAILED", _words(change.object)[1]

    def undone(self, status: Document) -> bool:
        """Whether what the write asked for failed and what was before it is back."""
        back = status.get("rolled_back") or {}
        return bool(back) and back["to"] < self.document["metadata"]["generation"] <= back["from"]


def wait(session: Session, client: Client, goal: Goal, timeout: float) -> Document:
    """Follow the resource until the goal is reached and return its last document.

    Args:
        timeout: seconds; 0 waits without limit.

    Raises:
        RokError: the resource FAILED (exit code 1), the time is over (6), or Ctrl-C (130).
    """
    limit = timeout or inf
    started = time.monotonic()
    last = Change("MODIFIED", goal.document)
    try:
        with reporter(goal.title) as line:
            for look in _looks(client, goal, line, min(SILENCE, max(limit, 1.0))):
                last, verdict = look
                if verdict is Verdict.REACHED:
                    took = short_span(time.monotonic() - started)
                    line.done(f"{goal.title} {goal.reached(last)} ({took})")
                    return last.object
                if verdict is Verdict.FAILED:
                    raise _failed(session, goal, last)
                if time.monotonic() - started >= limit:
                    raise _too_late(session, goal, last.object, timeout)
    except KeyboardInterrupt:
        raise DetachedError(
            f"Stopped watching; Krake goes on with {goal.title} (now {last.object['status']['state']})",
            fix=f"Look again with `{_look_again(session, goal)}`",
        ) from None
    raise AssertionError("a follower never ends by itself")


def _looks(client: Client, goal: Goal, line: Reporter, silence: float) -> Iterator[Look]:
    """The newest change and its verdict, at once and then at every sign of life."""
    last = Change("MODIFIED", goal.document)
    line.update(*_words(last.object))
    yield last, goal.verdict(last)
    for tick in _follow(client, goal, silence).ticks():
        if tick.trouble:
            line.update("?", tick.trouble)
        elif tick.change:
            last = tick.change
            line.update(*_words(last.object))
        yield last, goal.verdict(last)


def _follow(client: Client, goal: Goal, silence: float) -> Follower:
    metadata = goal.document["metadata"]
    namespace = metadata["namespace"]
    path = goal.collection.path(namespace, goal.name)

    def refresh() -> Snapshot:
        try:
            found = client.get(path)
        except RokError as error:
            if error.code is ExitCode.NOT_FOUND:
                return [], 0
            raise
        return [found], found["metadata"]["revision"]

    start = ([goal.document], metadata["revision"])
    collection = goal.collection.path(namespace)
    return Follower(client, collection, start, refresh, params={"name": goal.name}, silence=silence)


def _words(document: Document) -> tuple[str, str]:
    """The state, and what is being waited for or what is wrong."""
    return document["status"]["state"], explanation(document["status"])


def _look_again(session: Session, goal: Goal) -> str:
    return session.again(f"{goal.collection.command} get {goal.name} -w")


def _failed(session: Session, goal: Goal, last: Change) -> RokError:
    what, why = goal.failed(last)
    events = session.again(f"{goal.collection.command} events {goal.name}")
    return RokError(what, code=ExitCode.NEGATIVE, why=why, fix=f"What happened: `{events}`")


def _too_late(session: Session, goal: Goal, document: Document, timeout: float) -> RokError:
    state, message = _words(document)
    return RokError(
        f"{goal.title} is not {goal.wanted} after {span(ceil(timeout))}",
        code=ExitCode.TIMEOUT,
        why=f"It is {state}{f': {message}' if message else ''}. Krake goes on with it",
        fix=f"Look again with `{_look_again(session, goal)}`",
    )

"""`rok wait`: until resources are in a state, fulfil a condition, or are gone."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import click

from rok.actions import fetch
from rok.catalogue import WITH_STATE
from rok.cluster_waiting import goal_of
from rok.conditions import conditions
from rok.errors import ExitCode, RokError
from rok.following import Change
from rok.output import show_list, show_one
from rok.resources import APPLICATIONS, Collection
from rok.session import Session
from rok.waiting import DELETED, Document, Goal, Verdict, wait

_DELETED = ("delete", "deleted")
_CONDITION = "condition="
CONDITIONS = {
    "Application": ("Scheduled", "Deployed", "Ready", "Retrying", "RolledBack"),
    "Cluster": ("Provisioned", "Verified", "Online", "NodesReady"),
}
"""The conditions that `describe` shows, by kind."""


@dataclass(frozen=True, slots=True)
class ConditionGoal(Goal):
    """A condition, `state`, that is to hold."""

    def verdict(self, change: Change) -> Verdict:
        """Judge one state of the resource."""
        metadata = change.object["metadata"]
        if change.type == "DELETED" or metadata["uid"] != self.document["metadata"]["uid"]:
            return Verdict.FAILED
        if any(row[:2] == [self.state, "yes"] for row in conditions(self.collection, change.object)):
            return Verdict.REACHED
        current = change.object["status"].get("observed_generation", 0) >= metadata["generation"]
        failed = change.object["status"]["state"] == "FAILED" and current
        return Verdict.FAILED if failed else Verdict.GO_ON

    def reached(self, change: Change) -> str:
        """What the resource is when the goal is reached."""
        return f"is {change.object['status']['state']}: {self.state}"


def wait_for(
    session: Session, collection: Collection, names: Sequence[str], wanted: str, timeout: float
) -> None:
    """Wait until each of the resources is as wanted, and show them.

    Args:
        session: the choices of this call.
        collection: their kind.
        names: their names.
        wanted: a state, `condition=NAME`, or `deleted`.
        timeout: seconds for all of them together; 0 is without limit.

    Raises:
        click.UsageError: there is no such state or condition.
        RokError: one is not there, has FAILED, or the time is over.
    """
    state, condition = _parsed(collection, wanted)
    client = session.connect()
    deadline = time.monotonic() + timeout
    last: list[Document] = []
    for name in names:
        left = max(deadline - time.monotonic(), 0.1) if timeout else 0
        try:
            document = fetch(session, client, collection, name)
        except RokError as error:
            if state == DELETED and error.code is ExitCode.NOT_FOUND:
                click.echo(f"{collection.kind} '{name}' is not there", err=True)
                continue
            raise
        goal = (ConditionGoal if condition else goal_of)(collection, document, state)
        last.append(wait(session, client, goal, left))
    _show(session, collection, last, gone=state == DELETED)


def _parsed(collection: Collection, wanted: str) -> tuple[str, bool]:
    """The state or condition, and whether it is a condition."""
    if wanted.lower() in _DELETED:
        return DELETED, False
    if collection not in WITH_STATE:
        raise click.UsageError(f"Nothing is done about a {collection.noun}: one can wait for `deleted` only")
    if wanted.lower().startswith(_CONDITION):
        word = wanted[len(_CONDITION) :]
        known = {name.lower(): name for name in CONDITIONS[collection.kind]}
        if word.lower() not in known:
            raise click.UsageError(f"There is no condition '{word}'; there are: {', '.join(known.values())}")
        return known[word.lower()], True
    states = _states(collection)
    if wanted.upper() not in states:
        raise click.UsageError(f"There is no state '{wanted}'; there are: {', '.join(states)}")
    return wanted.upper(), False


def _states(collection: Collection) -> list[str]:
    if collection is APPLICATIONS:
        from krake.models.application import ApplicationState

        return [state.value for state in ApplicationState]
    from krake.models.cluster import ClusterState

    return [state.value for state in ClusterState]


def _show(session: Session, collection: Collection, documents: list[Document], *, gone: bool) -> None:
    """The resources as they are, where there is something to show."""
    if not documents or (gone and session.for_people):
        return
    if len(documents) == 1:
        show_one(session, collection, documents[0])
        return
    listing = {"api": collection.api, "kind": f"{collection.kind}List", "metadata": {}, "items": documents}
    show_list(session, collection, listing)

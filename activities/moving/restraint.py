"""Whether a change of an application makes it move, and what keeps it where it is for the moment."""

from __future__ import annotations

from datetime import datetime

from krake.models.cluster import ClusterState
from krake.models.migration import MigrationOutcome
from krake.moves import held_back, is_deployed
from krake.resources import shown_status
from krake.store import Record
from scheduler.decide import Outcome
from scheduler.filters import Filter
from scheduler.moves import Staying


def preferred_cluster(record: Record) -> str | None:
    """Uid of the cluster that the application is on, or goes back to."""
    if is_deployed(record):
        return str(record.status["scheduled_uid"])
    last = record.status.get("last_migration") or {}
    came_to_nothing = last.get("outcome") not in (None, MigrationOutcome.SUCCEEDED)
    return last.get("source_uid") if came_to_nothing else None


def restraints(record: Record, clusters: list[Record], now: datetime) -> list[Filter]:
    """What keeps an application on its cluster although it may move.

    A cluster that does not answer may be back in a moment: an update alone is no reason to give it up.
    """
    if not is_deployed(record):
        return []
    current = next((one for one in clusters if one.uid == record.status["scheduled_uid"]), None)
    if current is not None and current.deleted is None:
        state = str(shown_status(current, now).get("state"))
        if state != ClusterState.ONLINE:
            return [Staying(f"the application waits for {current.name}, which is {state}")]
    why = held_back(record, now)
    return [Staying(why)] if why else []


def leaves(record: Record, decision: Outcome) -> bool:
    """Whether the application should run on another cluster than the one that it is on."""
    chosen = decision.chosen
    return chosen is not None and is_deployed(record) and chosen.uid != record.status["scheduled_uid"]

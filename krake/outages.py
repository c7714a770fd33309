"""What people are told of a cluster that does not answer, and of the applications on it.

The words are made when somebody reads them: the store keeps moments, so that a countdown costs no writes.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from krake.store.records import Record

Document = dict[str, Any]


def shown_message(record: Record, status: Document, now: datetime) -> str:
    """The message to show instead of the status' own; empty where that is right.

    Args:
        record: the resource.
        status: its status as it is shown otherwise.
        now: the moment of reading.
    """
    if record.kind == "Cluster":
        return _of_cluster(record, status, now)
    return _of_application(record, status, now) if record.kind == "Application" else ""


def _of_cluster(record: Record, status: Document, now: datetime) -> str:
    words = [status.get("message") or ""]
    if status.get("state") == "OFFLINE" and status.get("offline_since"):
        since, moves = status["offline_since"], status.get("evacuates_at")
        words = [f"does not answer for {_span(since, now)}", _fate(moves, now)]
    if record.deleted is None and (clearing := status.get("clearing")):
        words.append(clearing.get("message") or "")
    return "; ".join(filter(None, words))


def _of_application(record: Record, status: Document, now: datetime) -> str:
    """An application knows of its cluster's outage: the observer told it once, when that began."""
    outage = record.observation.get("outage")
    if not outage or outage["cluster_uid"] != record.status.get("scheduled_uid"):
        return ""
    if record.deleted is not None or status.get("migration"):
        return ""
    words = f"cluster {outage['cluster']} is OFFLINE for {_span(outage['since'], now)}"
    if not (record.spec.get("constraints") or {}).get("migration", True):
        return f"{words}; stays, because it may not move (spec.constraints.migration)"
    moves = outage.get("evacuates_at")
    if moves is None:
        return f"{words}; waits for it, because evacuation is turned off"
    left = _left(moves, now)
    return f"{words}; moves in {_words(left)}" if left > 0 else f"{words}; moves when it fits elsewhere"


def _fate(moves: str | None, now: datetime) -> str:
    """What becomes of the applications on a cluster that does not answer."""
    if moves is None:
        return "its applications wait for it, because evacuation is turned off"
    left = _left(moves, now)
    return f"its applications move in {_words(left)}" if left > 0 else "its applications are moving"


def _left(moment: str, now: datetime) -> float:
    return (datetime.fromisoformat(moment) - now).total_seconds()


def _span(since: str, now: datetime) -> str:
    return _words((now - datetime.fromisoformat(since)).total_seconds())


def _words(seconds: float) -> str:
    """A time span as `3m12s`."""
    whole = max(0, int(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return f"{hours}h{minutes:02}m"
    return f"{minutes}m{rest:02}s" if minutes else f"{rest}s"

"""Why a cluster's applications have to leave it now, which of them are next, and how far that has come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from krake.models.clearing import Clearing, ClearingPurpose, DeletionPolicy
from krake.models.cluster import ClusterState
from krake.resources import STALE_AFTER, is_settled, observation_applies
from krake.store.records import Record

OBSERVER = "krake observer"
_MOST_NAMED = 5


def clearing_of(cluster: Record, now: datetime) -> Clearing | None:
    """Why the applications have to leave the cluster now; None when they may stay."""
    stored = cluster.status.get("clearing")
    clearing = Clearing.model_validate(stored) if stored else None
    if cluster.deleted is not None:
        if clearing is None or clearing.purpose is not ClearingPurpose.DELETE:
            clearing = Clearing(purpose=ClearingPurpose.DELETE, at=cluster.deleted)
        return clearing
    if clearing is not None and clearing.purpose is ClearingPurpose.DRAIN:
        return clearing
    if not evacuation_is_due(cluster, now):
        return None
    if clearing is not None and clearing.purpose is ClearingPurpose.EVACUATE:
        return clearing
    return Clearing(purpose=ClearingPurpose.EVACUATE, actor=OBSERVER, at=now)


def evacuation_is_due(cluster: Record, now: datetime) -> bool:
    """Whether the cluster has not answered for too long.

    The silence of the observer proves nothing: it must have asked in vain after the tolerance, and lately.
    """
    seen = cluster.observation
    if seen.get("state") != ClusterState.OFFLINE or not seen.get("evacuates_at"):
        return False
    if not observation_applies(cluster) or not is_settled(cluster.kind, cluster.status):
        return False
    asked = datetime.fromisoformat(seen["observed_at"])
    fresh = now - asked <= timedelta(seconds=STALE_AFTER)
    return fresh and asked >= datetime.fromisoformat(seen["evacuates_at"])


def may_move(application: Record) -> bool:
    """Whether the application itself allows to be moved."""
    return bool((application.spec.get("constraints") or {}).get("migration", True))


class Departures:
    """The applications of a cluster that is being cleared: who leaves, who is next, who stays.

    Args:
        clearing: why they leave.
        cluster_uid: the cluster.
        here: what is on it, on its way to it or off it, and what names it as an owner.
    """

    def __init__(self, clearing: Clearing, cluster_uid: str, here: Sequence[Record]) -> None:
        self._clearing = clearing
        self._cluster_uid = cluster_uid
        evacuates = clearing.purpose is ClearingPurpose.EVACUATE
        self.concerned = [item for item in here if may_move(item) or not evacuates]
        """Those that have to leave."""
        self.staying = [item for item in here if item not in self.concerned]
        """Those that wait for their cluster, because they may not move."""

    def next_to_leave(self, parallel: int) -> list[Record]:
        """The applications to be sent away now: `parallel` at the same time, the others wait.

        Off a cluster that does not answer they go one at a time; who calls sees to the pace.
        """
        evacuates = self._clearing.purpose is ClearingPurpose.EVACUATE
        free = 1 if evacuates else max(0, parallel - sum(map(self._is_underway, self.concerned)))
        return [item for item in self.concerned if not self.is_leaving(item)][:free]

    def is_leaving(self, application: Record) -> bool:
        """Whether all that this clearing wants is asked of the application already."""
        status = application.status
        running = status.get("migration")
        if application.deleted is not None:
            return True
        if self._clearing.policy is DeletionPolicy.CASCADE:
            return False
        if running and self._cluster_uid != status.get("scheduled_uid"):
            return True
        if self._clearing.policy is DeletionPolicy.ORPHAN:
            return bool(running)
        return self._suffices((running or {}).get("request") or status.get("request") or {})

    def _suffices(self, request: dict[str, Any]) -> bool:
        purpose = self._clearing.purpose
        evicts = request.get("evict") or purpose is not ClearingPurpose.DELETE
        lasts = not request.get("failover") or purpose is ClearingPurpose.EVACUATE
        return bool(request.get("leave") and evicts and lasts)

    def _is_underway(self, application: Record) -> bool:
        """Whether something is being done about it now, so that others have to wait for their turn."""
        request = application.status.get("request") or {}
        stuck = request.get("parked") or request.get("not_before")
        moving = bool(application.status.get("migration"))
        return self.is_leaving(application) and (moving or not stuck)

    def hopeless(self, attempts: int, patience: float, now: datetime) -> list[Record]:
        """Those that a deletion waits for in vain: their moves fail again and again, or they fit nowhere else
        and their cluster cannot be asked to remove them."""
        drains = self._clearing.policy is DeletionPolicy.DRAIN
        if self._clearing.purpose is not ClearingPurpose.DELETE or not drains:
            return []
        late = (now - self._clearing.at).total_seconds() > patience
        return [item for item in self.concerned if _is_hopeless(item, attempts, late)]

    def progress(self) -> str:
        """How far it has come: `3 of 12 applications moved; waiting for: a, b`."""
        total = max(self._clearing.total, len(self.concerned))
        gone = total - len(self.concerned)
        words = [f"{gone} of {total} applications {_DONE[self._clearing.policy]}"] if total else []
        if self.concerned:
            words.append(f"waiting for: {_names(self.concerned)}")
        if self.staying:
            words.append(f"staying, because they may not move: {_names(self.staying)}")
        return "; ".join(words)


def _is_hopeless(application: Record, attempts: int, late: bool) -> bool:
    status = application.status
    if application.deleted is not None or status.get("migration"):
        return False
    failures = (status.get("migration_backoff") or {}).get("failures", 0)
    return bool(failures >= attempts or (late and (status.get("request") or {}).get("parked")))


_DONE = {DeletionPolicy.DRAIN: "moved", DeletionPolicy.CASCADE: "deleted", DeletionPolicy.ORPHAN: "let go"}


def _names(applications: Sequence[Record]) -> str:
    names = [f"{item.name}{_why(item)}" for item in applications[:_MOST_NAMED]]
    more = len(applications) - _MOST_NAMED
    return ", ".join(names) + (f" and {more} more" if more > 0 else "")


def _why(application: Record) -> str:
    """What holds an application up, if that is known."""
    request = application.status.get("request") or {}
    reason = application.status.get("reason") or {}
    if request.get("parked"):
        return " (fits nowhere else)"
    if request.get("not_before") or application.deleted is not None:
        return f" ({reason['code']})" if reason.get("code") else ""
    return ""

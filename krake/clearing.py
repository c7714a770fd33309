"""Why a cluster's applications have to leave it now, which of them are next, and how far that has come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

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


def is_leaving(application: Record) -> bool:
    """Whether the application is on its way: asked to leave, moving, or being deleted."""
    status = application.status
    leave = (status.get("request") or {}).get("leave")
    return bool(application.deleted is not None or status.get("migration") or leave)


def _is_underway(application: Record) -> bool:
    """Whether something is really being done about it, so that others have to wait for their turn."""
    request = application.status.get("request") or {}
    stuck = request.get("parked") or request.get("not_before")
    return is_leaving(application) and (bool(application.status.get("migration")) or not stuck)


def concerned(clearing: Clearing, here: Sequence[Record]) -> list[Record]:
    """Those of a cluster's applications that have to leave it."""
    if clearing.purpose is ClearingPurpose.EVACUATE:
        return [application for application in here if may_move(application)]
    return list(here)


def next_to_leave(clearing: Clearing, here: Sequence[Record], parallel: int) -> list[Record]:
    """The applications to be sent away now: `parallel` at the same time, the others wait.

    Off a cluster that does not answer they go one at a time; who calls sees to the pace.
    """
    evacuates = clearing.purpose is ClearingPurpose.EVACUATE
    free = 1 if evacuates else max(0, parallel - sum(map(_is_underway, here)))
    return [application for application in concerned(clearing, here) if not is_leaving(application)][:free]


_DONE = {DeletionPolicy.DRAIN: "moved", DeletionPolicy.CASCADE: "deleted", DeletionPolicy.ORPHAN: "let go"}


def progress(clearing: Clearing, here: Sequence[Record]) -> str:
    """How far it has come: `3 of 12 applications moved; waiting for: a, b`."""
    left = concerned(clearing, here)
    total = max(clearing.total, len(left))
    words = [f"{total - len(left)} of {total} applications {_DONE[clearing.policy]}"] if total else []
    if left:
        words.append(f"waiting for: {_names(left)}")
    stay = [application for application in here if application not in left]
    if stay:
        words.append(f"staying, because they may not move: {_names(stay)}")
    return "; ".join(words)


def _names(applications: Sequence[Record]) -> str:
    names = [f"{item.name}{_why(item)}" for item in applications]
    return ", ".join(names[:_MOST_NAMED]) + (
        f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    )


def _why(application: Record) -> str:
    """What holds an application up, if that is known."""
    request = application.status.get("request") or {}
    reason = application.status.get("reason") or {}
    if request.get("parked"):
        return " (fits nowhere else)"
    if request.get("not_before") or application.deleted is not None:
        return f" ({reason['code']})" if reason.get("code") else ""
    return ""


def new_clearing(purpose: ClearingPurpose, policy: DeletionPolicy, actor: str) -> Clearing:
    """A clearing that begins now."""
    return Clearing(purpose=purpose, policy=policy, actor=actor, at=datetime.now(UTC))

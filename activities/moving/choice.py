"""Which cluster an application moves to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from krake.models.requests import Request
from krake.moves import backoff_of
from krake.resources import document
from krake.settings import Settings
from krake.store import Record
from scheduler.decision import Decision
from scheduler.documents import candidate_of, wanted_by
from scheduler.moves import place_move


@dataclass(frozen=True, slots=True)
class Choice:
    """The decision; `later` is when a cluster may be tried again that is avoided now."""

    decision: Decision
    cluster: Record | None
    later: datetime | None = None


def choose(record: Record, request: Request, clusters: list[Record], settings: Settings) -> Choice:
    """Choose among the clusters, those last where a move has failed just before.

    Who asks for a move without having to leave gets such a cluster at once when no other fits: a user may
    know that what failed is mended.
    """
    now = datetime.now(UTC)
    backoff = backoff_of(record)
    failed: dict[str, str] = {}
    if backoff is not None and backoff.until is not None and backoff.until > now:
        failed = dict.fromkeys(backoff.targets, f"a move there failed: {backoff.message}")
    first = _decide(record, request, clusters, failed, now, settings)
    if first.cluster is not None or not failed:
        return first
    second = _decide(record, request, clusters, {}, now, settings)
    if second.cluster is None or not request.leave:
        return second
    return Choice(first.decision, None, backoff.until if backoff else None)


def _decide(
    record: Record,
    request: Request,
    clusters: list[Record],
    failed: dict[str, str],
    now: datetime,
    settings: Settings,
) -> Choice:
    decision = place_move(
        wanted_by(document(record, now=now), str(record.status["scheduled_uid"])),
        [candidate_of(document(one, now=now)) for one in clusters],
        wanted=request.cluster,
        failed=failed,
        now=now,
        trigger=request.trigger,
        stickiness=settings.stickiness,
    )
    winner = decision.winner
    return Choice(decision, next((one for one in clusters if winner and one.uid == winner.uid), None))

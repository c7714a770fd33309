"""Where an application moves to: the common decision with what a move asks for besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from krake.models.migration import MigrationBackoff
from krake.models.requests import Request as MoveRequest
from scheduler.amounts import Amounts
from scheduler.decision import Decision
from scheduler.documents import NO_METRICS, Document, Metrics, candidates_of, needed_on, wanted_by
from scheduler.filters import FILTERS, Filter
from scheduler.filters.moving import Avoiding, Leaving, Named
from scheduler.place import place
from scheduler.snapshot import Candidate, Request
from scheduler.spreading import with_spread


@dataclass(frozen=True, slots=True)
class MoveChoice:
    """Where an application moves to. `later` is when a cluster may be tried again that is avoided now."""

    decision: Decision
    later: datetime | None = None
    reservation: Amounts = ()
    """What it takes of the cluster that was chosen."""


@dataclass(frozen=True, slots=True)
class _Search:
    """One application, and where it could go."""

    request: Request
    candidates: Sequence[Candidate]
    wish: MoveRequest
    now: datetime
    stickiness: float

    def avoiding(self, failed: Mapping[str, str]) -> Decision:
        """The decision without the candidates of these uids, each with what went wrong there."""
        extra: list[Filter] = [Leaving(), Avoiding(failed)]
        if self.wish.cluster is not None:
            extra.append(Named(self.wish.cluster))
        return place(
            self.request,
            self.candidates,
            now=self.now,
            trigger=self.wish.trigger,
            stickiness=self.stickiness,
            filters=(*FILTERS, *extra),
        )

    def choice(self, decision: Decision) -> MoveChoice:
        """The decision with what the application takes of the cluster that it chose."""
        uid = decision.winner.uid if decision.winner else None
        taken = (needed_on(self.request, one) for one in self.candidates if one.uid == uid)
        return MoveChoice(decision, reservation=next(taken, ()))


def choose_move(
    application: Document,
    clusters: Sequence[Document],
    wish: MoveRequest,
    *,
    now: datetime,
    stickiness: float,
    manifest: Sequence[Mapping[str, Any]] = (),
    reserved: Mapping[str, Amounts] = MappingProxyType({}),
    metrics: Metrics = NO_METRICS,
    siblings: Sequence[str] = (),
) -> MoveChoice:
    """Choose the cluster that an application moves to; those where a move has just failed come last.

    Who asks for a move without having to leave gets such a cluster at once when no other fits: a user may
    know that what failed is mended.

    Args:
        application: the application as the API shows it.
        clusters: the clusters of its namespace as the API shows them.
        wish: what was asked for.
        now: the moment of the decision.
        stickiness: weight in favour of the present cluster; a move excludes that one, so it only shows.
        manifest: what is applied for the application.
        reserved: what is reserved on each cluster, by uid.
        metrics: by uid of each cluster, its metrics by name.
        siblings: for each application that it is to be spread among, the uid of its cluster.

    Raises:
        KrakeError: the manifest asks for something that is no quantity.
    """
    request = wanted_by(application, application["status"].get("scheduled_uid"), manifest)
    labels = application["metadata"].get("labels") or {}
    request = with_spread(request, application["spec"], labels, clusters, siblings)
    search = _Search(request, candidates_of(clusters, request, reserved, metrics), wish, now, stickiness)
    failed, later = _just_failed(application, now)
    first = search.avoiding(failed)
    if first.chosen is not None or not failed:
        return search.choice(first)
    second = search.avoiding({})
    if second.chosen is None or not wish.leave:
        return search.choice(second)
    return MoveChoice(first, later)


def _just_failed(application: Document, now: datetime) -> tuple[dict[str, str], datetime | None]:
    """Uids of clusters where a move failed, each with the reason, and until when they are avoided."""
    found = application["status"].get("migration_backoff")
    backoff = MigrationBackoff.model_validate(found) if found else MigrationBackoff()
    if backoff.until is None or backoff.until <= now:
        return {}, None
    return dict.fromkeys(backoff.targets, f"a move there failed: {backoff.message}"), backoff.until


def why_not(decision: Decision, wanted: str | None) -> str:
    """Why the application cannot move: to the cluster that was asked for, or to any."""
    refused = (entry for entry in decision.candidates if entry.cluster.name == wanted)
    return next((f"{wanted} does not fit: {entry.refusal}" for entry in refused), decision.summary)

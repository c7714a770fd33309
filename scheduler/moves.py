"""Where an application moves to: the common decision with what a move asks for besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from krake.models.migration import MigrationBackoff
from krake.models.requests import Request as MoveRequest
from scheduler.amounts import Amounts
from scheduler.decision import Decision
from scheduler.documents import NO_METRICS, Document, Metrics, candidates_of, needed_on, wanted_by
from scheduler.filters import FILTERS, Filter, Verdict
from scheduler.place import place
from scheduler.snapshot import Candidate, Request
from scheduler.spreading import with_spread


@dataclass(frozen=True, slots=True)
class Leaving:
    """The candidate that the application moves away from is none."""

    name: str = "leaving"

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Passes every candidate but the one that the application is on."""
        leaves = application.current == candidate.uid
        return Verdict(not leaves, "the application moves away from it" if leaves else "not its cluster now")


@dataclass(frozen=True, slots=True)
class Named:
    """Only the candidate that was asked for."""

    wanted: str
    name: str = "asked for"

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Passes the candidate of the wanted name."""
        passed = candidate.name == self.wanted
        return Verdict(passed, "was asked for" if passed else f"{self.wanted} was asked for")


@dataclass(frozen=True, slots=True)
class Avoiding:
    """Candidates where the move failed just before."""

    failed: Mapping[str, str] = field(default_factory=dict)
    """Uids, each with what went wrong."""
    name: str = "earlier failures"

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Passes candidates where no move failed lately."""
        why = self.failed.get(candidate.uid)
        return Verdict(why is None, why or "no move there failed lately")


@dataclass(frozen=True, slots=True)
class Staying:
    """The application keeps its candidate for the moment."""

    why: str
    name: str = "staying"

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Passes the candidate that the application is on."""
        if application.current in (None, candidate.uid):
            return Verdict(True, "no move needed")
        return Verdict(False, self.why)


@dataclass(frozen=True, slots=True)
class MoveChoice:
    """Where an application moves to. `later` is when a cluster may be tried again that is avoided now."""

    decision: Decision
    later: datetime | None = None
    reservation: Amounts = ()
    """What it takes of the cluster that was chosen."""


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
    candidates = candidates_of(clusters, request, reserved, metrics)

    def decide(failed: Mapping[str, str]) -> Decision:
        extra: list[Filter] = [Leaving(), Avoiding(failed)]
        if wish.cluster is not None:
            extra.append(Named(wish.cluster))
        return place(
            request,
            candidates,
            now=now,
            trigger=wish.trigger,
            stickiness=stickiness,
            filters=(*FILTERS, *extra),
        )

    def chosen(decision: Decision) -> MoveChoice:
        uid = decision.winner.uid if decision.winner else None
        taken = (needed_on(request, one) for one in candidates if one.uid == uid)
        return MoveChoice(decision, reservation=next(taken, ()))

    failed, later = _just_failed(application, now)
    first = decide(failed)
    if first.chosen is not None or not failed:
        return chosen(first)
    second = decide({})
    if second.chosen is None or not wish.leave:
        return chosen(second)
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

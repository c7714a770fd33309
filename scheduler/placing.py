"""The decision about one application as it is, from the documents that the API shows.

The worker's decision, the dry run and the what-if come through here, so they cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from krake.models.cluster import ClusterState
from krake.models.migration import MigrationOutcome
from krake.models.requests import RequestKind
from krake.models.what_if import WhatIf
from scheduler.amounts import Amounts
from scheduler.columns import Snapshot
from scheduler.decide import Outcome, decide
from scheduler.documents import Document, Metrics, candidates_of, wanted_by
from scheduler.filters import FILTERS, Filter
from scheduler.filters.moving import Named, Staying
from scheduler.spreading import with_spread
from scheduler.what_if import supposed


@dataclass(frozen=True, slots=True)
class Situation:
    """One application and everything around it that decides where it goes."""

    application: Document
    manifest: Sequence[Mapping[str, Any]]
    """What is applied for it."""
    clusters: Sequence[Document]
    """The clusters of its namespace."""
    reserved: Mapping[str, Amounts]
    """What is reserved on each cluster, by uid."""
    held_back: str
    """Why it must not move by itself now; empty when it may."""
    now: datetime
    metrics: Metrics = field(default_factory=dict)
    """The clusters' metrics."""
    siblings: Sequence[str] = ()
    """For each application that it is to be spread among, the uid of its cluster."""


def decide_on(
    situation: Situation, *, trigger: str, stickiness: float, what_if: WhatIf | None = None
) -> Outcome:
    """Choose the cluster of the application.

    Args:
        situation: what the decision rests on.
        trigger: what led to it; recorded.
        stickiness: weight in favour of the cluster that the application is on.
        what_if: what to suppose instead of what is.

    Raises:
        KrakeError: the manifest asks for something that is no quantity, or what is to be supposed speaks of
            a cluster or metric that is not there.
    """
    request = wanted_by(
        situation.application, preferred_cluster(situation.application["status"]), situation.manifest
    )
    request = with_spread(
        request,
        situation.application["spec"],
        situation.application["metadata"]["labels"],
        situation.clusters,
        situation.siblings,
    )
    candidates = candidates_of(situation.clusters, request, situation.reserved, situation.metrics)
    if what_if is not None:
        request, candidates = supposed(what_if, request, candidates)
    return decide(
        request,
        Snapshot(candidates),
        now=situation.now,
        trigger=trigger,
        stickiness=stickiness,
        filters=(*FILTERS, *_restraints(situation)),
    )


def preferred_cluster(status: Document) -> str | None:
    """Uid of the cluster that the application is on, or goes back to."""
    if _is_deployed(status):
        return str(status["scheduled_uid"])
    last = status.get("last_migration") or {}
    came_to_nothing = last.get("outcome") not in (None, MigrationOutcome.SUCCEEDED)
    return last.get("source_uid") if came_to_nothing else None


def _is_deployed(status: Document) -> bool:
    """Whether the application has, or may have, objects on a cluster."""
    return bool(status.get("scheduled_uid") and status.get("objects"))


def _restraints(situation: Situation) -> list[Filter]:
    """What keeps an application on its cluster although it may move.

    A cluster that does not answer may be back in a moment: an update alone is no reason to give it up.
    """
    status = situation.application["status"]
    if not _is_deployed(status):
        return _binding(status)
    here = (one for one in situation.clusters if one["metadata"]["uid"] == status["scheduled_uid"])
    current = next(here, None)
    if current is not None and current["metadata"]["deleted"] is None:
        state = str(current["status"].get("state"))
        if state not in (ClusterState.ONLINE, ClusterState.FAILING_METRICS):
            return [Staying(f"the application waits for {current['metadata']['name']}, which is {state}")]
    return [Staying(situation.held_back)] if situation.held_back else []


def _binding(status: Document) -> list[Filter]:
    """Somebody bound the application, which is nowhere yet, to one cluster."""
    request = status.get("request") or {}
    asked = request.get("cluster") if request.get("kind") == RequestKind.MIGRATE else None
    return [Named(asked)] if asked else []

"""Supposing that something is different from what it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from krake.errors import KrakeError
from krake.models.what_if import WhatIf
from scheduler.snapshot import Candidate, Request


def supposed(
    what_if: WhatIf, request: Request, candidates: Sequence[Candidate]
) -> tuple[Request, list[Candidate]]:
    """The request and the candidates as they would be.

    Raises:
        KrakeError: it speaks of a cluster or a metric that is not there.
    """
    _check(what_if, request, candidates)
    wishes = tuple(
        wish._replace(weight=what_if.weights.get(wish.metric, wish.weight)) for wish in request.preferences
    )
    return replace(request, preferences=wishes), [_changed(what_if, one) for one in candidates]


def _changed(what_if: WhatIf, candidate: Candidate) -> Candidate:
    metrics = {}
    values = what_if.metrics.get(candidate.name, {})
    for name, sample in candidate.metrics.items():
        if name in values:
            sample = sample._replace(raw=values[name], age=0.0, failing=None)
        metrics[name] = sample._replace(weight=what_if.weights.get(name, sample.weight))
    return replace(
        candidate, metrics=metrics, cordoned=candidate.cordoned or candidate.name in what_if.cordon
    )


def _check(what_if: WhatIf, request: Request, candidates: Sequence[Candidate]) -> None:
    by_name = {candidate.name: candidate for candidate in candidates}
    for name in (*what_if.cordon, *what_if.metrics):
        if name not in by_name:
            raise _missing(f"There is no cluster '{name}' to suppose something of", "clusters", by_name)
    for name, values in what_if.metrics.items():
        for metric in values:
            if metric not in by_name[name].metrics:
                raise _missing(f"Cluster '{name}' has no metric '{metric}'", "metrics", by_name[name].metrics)
    known = {metric for candidate in candidates for metric in candidate.metrics}
    known |= {wish.metric for wish in request.preferences}
    for metric in what_if.weights:
        if metric not in known:
            raise _missing(f"No cluster has a metric '{metric}' to weigh", "metrics", known)


def _missing(what: str, kind: str, known: Iterable[str]) -> KrakeError:
    names = sorted(known)
    return KrakeError(what, why=f"Known {kind}: {', '.join(names[:10])}" if names else f"There are no {kind}")

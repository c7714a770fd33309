"""A decision in one sentence, for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from scheduler.snapshot import Candidate, Request

ALSO = "; also "
"""Between the reasons of several filters: a reason has commas of its own."""
MOST_NAMED = 10
"""Refused candidates that the sentence names; all of them are in the decision."""
_NOUNS = {"Cluster": "cluster", "Project": "project"}
_PLACES = {"Cluster": "Cloud", "MagnumCluster": "Project"}
"""What is placed elsewhere than on clusters."""


class Ranked(NamedTuple):
    """A candidate that fits, and its score."""

    candidate: Candidate
    total: float


class Refusal(NamedTuple):
    """A candidate that does not fit, and why."""

    name: str
    reason: str
    kind: str = "Cluster"


def summarise(request: Request, best: Sequence[Ranked], fitting: int, equal: int) -> str:
    """Say which candidate was chosen and how clearly.

    Args:
        request: what was placed.
        best: the best one, and the second if there is one.
        fitting: how many were ranked.
        equal: how many have the score of the best one.
    """
    first = best[0]
    name, noun = first.candidate.name, _noun(first.candidate.kind)
    subject = f"stays on {name}" if first.candidate.uid == request.current else name
    if request.preferred == first.candidate.uid:
        return f"{subject}: it was asked for and fits"
    if fitting == 1:
        return f"{subject}: the only {noun} that fits"
    if equal > 1:
        return f"{subject}: {equal} {noun}s fit equally well, chosen by the stable tie rule"
    second = best[1]
    lead = first.total - second.total
    return f"{subject}: score {first.total:.4g}, {lead:.4g} ahead of {second.candidate.name}"


def summarise_refusals(request: Request, named: Sequence[Refusal], refused: int) -> str:
    """Say why each candidate was refused; `named` are the first of all that are `refused`."""
    noun = _wanted(request, named)
    if not named:
        return f"no {noun} fits: there is no {noun} in namespace {request.namespace}"
    told = [f"{one.name} ({one.reason})" for one in named]
    more = [f"and {refused - len(named)} more"] if refused > len(named) else []
    return f"no {noun} fits: {'; '.join([*told, *more])}"


def _wanted(request: Request, named: Sequence[Refusal]) -> str:
    """What is looked for: clusters are placed on clouds, and applications on either."""
    return _noun(named[0].kind if named else _PLACES.get(request.kind, "Cluster"))


def _noun(kind: str) -> str:
    return _NOUNS.get(kind, "cloud")

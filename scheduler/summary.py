"""A decision in one sentence, for people."""

from __future__ import annotations

from collections.abc import Sequence

from scheduler.decision import Considered
from scheduler.snapshot import Request

_MOST_NAMED = 10
"""Refused candidates that the sentence names; all of them are in the decision."""


def summarise(request: Request, fitting: Sequence[Considered], refused: Sequence[Considered]) -> str:
    """Say which candidate was chosen and how clearly, or why each one was refused."""
    if not fitting:
        return f"no cluster fits: {_refusals(request, refused)}"
    best = fitting[0]
    name = best.cluster.name
    subject = f"stays on {name}" if best.uid == request.current else name
    if len(fitting) == 1:
        return f"{subject}: the only cluster that fits"
    equal = [entry for entry in fitting if entry.total == best.total]
    if len(equal) > 1:
        return f"{subject}: {len(equal)} clusters fit equally well, chosen by the stable tie rule"
    second = fitting[1]
    lead = (best.total or 0.0) - (second.total or 0.0)
    return f"{subject}: score {best.total:.4g}, {lead:.4g} ahead of {second.cluster.name}"


def _refusals(request: Request, refused: Sequence[Considered]) -> str:
    if not refused:
        return f"there is no cluster in namespace {request.namespace}"
    named = [f"{entry.cluster.name} ({entry.refusal})" for entry in refused[:_MOST_NAMED]]
    more = len(refused) - len(named)
    return "; ".join([*named, f"and {more} more"] if more else named)

"""Scores: how good a possible candidate is. Higher is better.

A score is the sum of its parts' contributions, whatever the parts are, so that a recorded decision can be
recomputed from what it shows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from krake.models.base import Answer
from scheduler.snapshot import Candidate, Request

STICKINESS = "stickiness"
"""Name of the part in favour of the candidate that the application is on."""


class ScorePart(Answer):
    """One thing that speaks for a candidate."""

    name: str
    value: float
    """Between 0 and 1."""
    weight: float
    contribution: float
    """What it adds to the total."""


def stickiness_part(application: Request, candidate: Candidate, weight: float) -> ScorePart:
    """Value 1 with the given weight for the candidate that the application is on, else nothing.

    It keeps an application from moving for a gain that is smaller than the move is worth.
    """
    if application.current != candidate.uid:
        return ScorePart(name=STICKINESS, value=0.0, weight=0.0, contribution=0.0)
    return ScorePart(name=STICKINESS, value=1.0, weight=weight, contribution=weight)


def score(application: Request, candidate: Candidate, stickiness: float) -> tuple[ScorePart, ...]:
    """The parts of a candidate's score. Without metrics that is stickiness alone."""
    return (stickiness_part(application, candidate, stickiness),)


def total(parts: Iterable[ScorePart]) -> float:
    """The score that the parts add up to."""
    return math.fsum(part.contribution for part in parts)

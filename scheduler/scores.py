"""Scores: how good a possible candidate is. Higher is better.

    score = (sum of value * weight + stickiness) / (sum of weight + stickiness)     where there are metrics
    score = stickiness                                                              where there are none

with the stickiness on the candidate that the application is on, and 0 on all others. Weights come from the
candidate (its metrics), from the application (its preferences) and from scorers. Weights that sum to 0 say
nothing: such a candidate counts as one without metrics. The score is the sum of its parts' contributions
(value * weight / sum of weights), added in the order in which decisions list them, so that a recorded
decision can be recomputed to the last bit from what it shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from krake.models.metrics import Direction
from scheduler.columns import Bools, Floats, Snapshot
from scheduler.scorers import Scorer, ratings
from scheduler.snapshot import Request, Wish

STICKINESS = "stickiness"
"""Name of the part in favour of the candidate that the application is on."""

METRIC, PREFERENCE, SCORER = "metric", "preference", "scorer"

_NOTHING = 1e-9
"""Weights whose sum is smaller than this part of their absolute values sum to 0: the rest is rounding."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that speaks for candidates, in columns."""

    kind: str
    name: str
    values: Floats
    """Between 0 and 1; 0 where it is not there."""
    weights: Floats
    present: Bools
    """Where there is a value."""
    direction: Direction = Direction.MAXIMISE


class Scores:
    """The scores of all candidates for one kind of request."""

    def __init__(self, parts: Sequence[Part], size: int) -> None:
        self.parts = tuple(parts)
        self._sum = np.zeros(size)
        self._magnitude = np.zeros(size)
        self._measured = np.zeros(size, dtype=np.bool_)
        self._rated = any(part.kind == SCORER for part in parts)
        for part in self.parts:
            self._sum += part.weights
            self._magnitude += np.abs(part.weights)
            if part.kind != SCORER:
                self._measured |= part.present & (part.weights != 0)

    def divisors(self, stickiness: float) -> tuple[Floats, Bools]:
        """The sums of weights, and where the formula for metrics applies; else the score is the stickiness.
        The sums of weights, and where the formula for metrics applies; else the score is the stickiness."""
        divisors = self._sum + stickiness
        applies = np.abs(divisors) > _NOTHING * (self._magnitude + stickiness)
        applies &= self._measured | self._rated
        return np.where(applies, divisors, 1.0), applies

    def ranked_first(self, stickiness: float) -> Bools:
        """The candidates with metrics: as long as one of them fits, the others are not ranked."""
        return self.divisors(stickiness)[1] & self._measured

    def contributions(self, stickiness: float) -> Iterator[Floats]:
        """What each part adds to the scores, in order; the stickiness comes last."""
        divisors, applies = self.divisors(stickiness)
        for part in self.parts:
            yield np.where(applies, part.values * part.weights / divisors, 0.0)
        yield stickiness / divisors

    def totals(self, stickiness: float) -> Floats:
        """The scores of all candidates, each as if the application were on it unless the stickiness is 0."""
        totals = np.zeros(len(self._sum))
        for contribution in self.contributions(stickiness):
            totals += contribution
        return totals


def scores_of(application: Request, snapshot: Snapshot, scorers: Sequence[Scorer] = ()) -> Scores:
    """The scores of the snapshot's candidates for a request."""
    parts = [
        Part(METRIC, name, _or_zero(column.normalised), column.weight, column.usable)
        for name, column in snapshot.metrics.items()
    ]
    parts += [_preference(wish, snapshot) for wish in application.preferences]
    size = len(snapshot)
    everywhere = np.ones(size, dtype=np.bool_)
    parts += [
        Part(SCORER, one.name, ratings(one, application, snapshot), np.full(size, one.weight), everywhere)
        for one in scorers
    ]
    return Scores(parts, size)


def _preference(wish: Wish, snapshot: Snapshot) -> Part:
    """A candidate that lacks the metric is rated as the worst one: what is unknown proves nothing."""
    size = len(snapshot)
    weights = np.full(size, wish.weight)
    column = snapshot.metrics.get(wish.metric)
    if column is None:
        nowhere = np.zeros(size, dtype=np.bool_)
        return Part(PREFERENCE, wish.metric, np.zeros(size), weights, nowhere, wish.direction)
    minimise = wish.direction is Direction.MINIMISE
    values = _or_zero(1.0 - column.normalised if minimise else column.normalised)
    return Part(PREFERENCE, wish.metric, values, weights, column.usable, wish.direction)


def _or_zero(values: Floats) -> Floats:
    return np.where(np.isnan(values), 0.0, values)

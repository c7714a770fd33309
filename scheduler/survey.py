"""Who should move, for all applications of one class at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scheduler.classes import RequestClass, Side
from scheduler.columns import Bools, Floats

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Survey:
    """What the applications of a class should do, one entry for each."""

    leaves: Bools
    """Where it is does not fit any more."""
    urgent: Bools
    """Where it is cannot be used any more."""
    improves: Bools
    """Where it is fits, and something else is better."""
    gains: Floats
    """By how much the best other candidate is better; minus infinity without any."""


def survey(
    kind: RequestClass, fits_there: Bools, fits_here: Bools, rows: Integers, stickiness: float, preferred: int
) -> Survey:
    """Compare where each application is with the best that it could have, as `decide` would for each.

    Args:
        kind: the class.
        fits_there: the candidates that fit for those that are elsewhere.
        fits_here: the candidates that fit for those that are there.
        rows: the row that each application is on; -1 where that is none of the candidates.
        stickiness: the weight in favour of where an application is.
        preferred: the row that the applications ask for; -1 for none.
    """
    known = rows >= 0
    at = np.where(known, rows, 0)
    stays = known & fits_here[at]
    with_metrics = fits_there & kind.there.first
    others = int(np.count_nonzero(with_metrics)) - with_metrics[at]
    any_metrics = (others > 0) | (stays & kind.here.first[at])
    elsewhere = [_best_other(fits, kind.there, at) for fits in (with_metrics, fits_there)]
    best = np.where(any_metrics, *elsewhere)
    ranked = stays & (kind.here.first[at] | ~any_metrics)
    own = np.where(ranked, kind.here.totals[at], stickiness)
    improves = stays & np.where(ranked, best > own, np.isfinite(best))
    if preferred >= 0 and fits_there[preferred]:
        improves = stays & (rows != preferred)
    return Survey(
        leaves=~stays,
        urgent=~stays & ~(known & kind.usable[at]),
        improves=improves,
        gains=best - own,
    )


def _best_other(fits: Bools, side: Side, at: Integers) -> Floats:
    """The best score among all that fit but the one that the application is on."""
    totals = np.where(fits, side.totals, -np.inf)
    best = int(totals.argmax())
    second = max(totals[:best].max(initial=-np.inf), totals[best + 1 :].max(initial=-np.inf))
    others: Floats = np.where(at == best, second, totals[best])
    return others

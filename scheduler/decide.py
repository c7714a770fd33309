"""The decision itself: one pure function, in columns, fast enough for thousands of candidates.

The real decision, the dry run, the what-if and the pass over all applications rest on it, so they cannot
drift apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from scheduler.columns import Bools, Floats, Snapshot, address_hash
from scheduler.evaluation import Evaluation, ranking
from scheduler.filters import FILTERS, Filter
from scheduler.scorers import Scorer
from scheduler.scores import Scores
from scheduler.snapshot import Candidate, Request
from scheduler.summary import ALSO, MOST_NAMED, Ranked, Refusal, summarise, summarise_refusals

Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Outcome:
    """What came of a decision, with everything that it was made of. `scheduler.record` writes it down."""

    request: Request
    snapshot: Snapshot
    filters: tuple[Filter, ...]
    now: datetime
    trigger: str
    stickiness: float
    scores: Scores
    visible: Rows
    """The rows of the candidates that the application's namespace may know of."""
    failed: NDArray[np.uint64]
    """For each row of the snapshot the filters that refused it, one bit each, the first filter the lowest."""
    totals: Floats
    """For each row of the snapshot its score; meaningless for those that are not ranked."""
    order: Rows
    """The ranked rows from the best to the worst."""
    current: int | None
    """The row of the candidate that the application is on."""

    @property
    def chosen(self) -> Candidate | None:
        """Where the application goes; None when nothing fits."""
        return self.snapshot.candidates[self.order[0]] if len(self.order) else None

    @property
    def margin(self) -> float | None:
        """How far the chosen one is ahead of the second; None without a second."""
        if len(self.order) < 2:
            return None
        return float(self.totals[self.order[0]] - self.totals[self.order[1]])

    @property
    def refused(self) -> Rows:
        """The rows that a filter refused, by name."""
        rows: Rows = self.visible[self.failed[self.visible] != 0]
        return rows

    @cached_property
    def summary(self) -> str:
        """The decision in one sentence."""
        if not len(self.order):
            named = [self._refusal(int(row)) for row in self.refused[:MOST_NAMED]]
            return summarise_refusals(self.request, named, len(self.refused))
        best = [Ranked(self.snapshot.candidates[row], float(self.totals[row])) for row in self.order[:2]]
        equal = int(np.count_nonzero(self.totals[self.order] == best[0].total))
        return summarise(self.request, best, len(self.order), equal)

    def _refusal(self, row: int) -> Refusal:
        candidate = self.snapshot.candidates[row]
        reasons = [
            filter_.verdict(self.request, candidate).reason
            for bit, filter_ in enumerate(self.filters)
            if int(self.failed[row]) >> bit & 1
        ]
        return Refusal(candidate.name, ALSO.join(reasons), candidate.kind)


def decide(
    request: Request,
    snapshot: Snapshot,
    *,
    now: datetime,
    trigger: str,
    stickiness: float = 0.1,
    filters: Sequence[Filter] = FILTERS,
    scorers: Sequence[Scorer] = (),
    evaluation: Evaluation | None = None,
) -> Outcome:
    """Choose the best candidate that the request's namespace may use.

    Args:
        request: what has to be placed.
        snapshot: what it could be placed on, as it is now.
        now: the moment of the decision; recorded, nothing is computed from it.
        trigger: what led to the decision; recorded.
        stickiness: weight in favour of the candidate that the application is on.
        filters: requirements that a candidate has to meet, 63 at most.
        scorers: ratings beside metrics and preferences.
        evaluation: what is known of the snapshot from decisions before, with the same filters and scorers.
    """
    known = evaluation or Evaluation(snapshot, filters=filters, scorers=scorers)
    visible = known.visible(request)
    current = _row(snapshot, request.current, visible)
    failed = _failed(known, request, current)
    scores = known.scores(request)
    first, totals = known.ranks(request, 0.0)
    if current is not None:
        first, totals = first.copy(), totals.copy()
        first_here, totals_here = known.ranks(request, stickiness)
        first[current], totals[current] = first_here[current], totals_here[current]
    rows = rankable(visible & (failed == 0), first)
    return Outcome(
        request=request,
        snapshot=snapshot,
        filters=known.filters,
        now=now,
        trigger=trigger,
        stickiness=stickiness,
        scores=scores,
        visible=np.flatnonzero(visible),
        failed=failed,
        totals=totals,
        order=ranking(
            rows,
            totals[rows],
            snapshot,
            current=current,
            preferred=_row(snapshot, request.preferred, visible),
            tie=address_hash(request.namespace, request.name),
        ),
        current=current,
    )


def rankable(fits: Bools, first: Bools) -> Rows:
    """The rows to be ranked: those with metrics, and only where none of them fits all others."""
    preferred = fits & first
    return np.flatnonzero(preferred if preferred.any() else fits)


def _failed(known: Evaluation, request: Request, current: int | None) -> NDArray[np.uint64]:
    failed = np.zeros(len(known.snapshot), dtype=np.uint64)
    for bit, filter_ in enumerate(known.filters):
        passed = known.mask(filter_, request, here=False)
        if current is not None:
            passed = passed.copy()
            passed[current] = filter_.verdict(request, known.snapshot.candidates[current]).passed
        failed |= (~passed).astype(np.uint64) << np.uint64(bit)
    return failed


def _row(snapshot: Snapshot, uid: str | None, visible: Bools) -> int | None:
    row = snapshot.rows.get(uid) if uid is not None else None
    return row if row is not None and visible[row] else None

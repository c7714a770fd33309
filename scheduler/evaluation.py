"""Filters and scores of many requests on one snapshot; what requests have in common is computed once."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from scheduler.columns import Bools, Floats, Snapshot, tie_keys
from scheduler.filters import FILTERS, VISIBLE, Filter, is_changing, is_columnar, mask_of
from scheduler.scorers import Scorer
from scheduler.scores import Scores, scores_of
from scheduler.snapshot import Request

_REMEMBERED = 100_000_000
"""Bytes of answers that are remembered, about, of masks and of scores each: a pass may meet 100,000 different
requests."""


class Evaluation:
    """Answers about one snapshot. It remembers them: make a new one for a new snapshot."""

    def __init__(
        self,
        snapshot: Snapshot,
        *,
        filters: Sequence[Filter] = FILTERS,
        scorers: Sequence[Scorer] = (),
    ) -> None:
        self.snapshot = snapshot
        self.filters = tuple(filters)
        self._scorers = tuple(scorers)
        self.lasting = tuple(one for one in filters if not is_changing(one))
        self.changing = tuple(one for one in filters if is_changing(one))
        self._masks: dict[Hashable, Bools] = {}
        self._scores: dict[Hashable, Scores] = {}
        self._ranks: dict[Hashable, tuple[Bools, Floats]] = {}
        rows = max(len(snapshot), 1)
        self._most_masks, self._most_scores = _REMEMBERED // rows, max(_REMEMBERED // (rows * 128), 8)

    def visible(self, application: Request) -> Bools:
        """The candidates that the application's namespace may know of."""
        return self.mask(VISIBLE, application, here=False)

    def mask(self, filter_: Filter, application: Request, *, here: bool) -> Bools:
        """The candidates that pass a filter, see `ColumnFilter.mask`."""
        if not is_columnar(filter_):
            return mask_of(filter_, application, self.snapshot, here)
        key = (filter_.name, here, filter_.key(application))
        if key not in self._masks:
            if len(self._masks) >= self._most_masks:
                self._masks.clear()
            self._masks[key] = mask_of(filter_, application, self.snapshot, here)
        return self._masks[key]

    def scores(self, application: Request) -> Scores:
        """The scores of the candidates for the application."""
        key = self._scores_key(application)
        if key not in self._scores:
            if len(self._scores) >= self._most_scores:
                self._scores.clear()
            self._scores[key] = scores_of(application, self.snapshot, self._scorers)
        return self._scores[key]

    def ranks(self, application: Request, stickiness: float) -> tuple[Bools, Floats]:
        """The candidates with metrics and the scores, each as if the application were on it unless the
        stickiness is 0.
        """
        key = (self._scores_key(application), stickiness)
        if key not in self._ranks:
            if len(self._ranks) >= self._most_scores:
                self._ranks.clear()
            scores = self.scores(application)
            self._ranks[key] = scores.ranked_first(stickiness), scores.totals(stickiness)
        return self._ranks[key]

    def _scores_key(self, application: Request) -> Hashable:
        # Scorers may look at everything, the rest at the preferences.
        return (application.preferences, requirement(application) if self._scorers else None)


def requirement(application: Request) -> Hashable:
    """What applications have in common that get the same answers, wherever they are and whatever their
    names."""
    return (
        application.namespace,
        application.labels,
        application.migration,
        application.metrics,
        application.custom_resources,
        application.tolerations,
        application.needs,
        application.held,
        application.spread,
        application.preferences,
        application.excluded,
        application.target,
        application.preferred,
        application.current is None,
        application.api,
        application.kind,
    )


def ranking(
    rows: np.ndarray[Any, np.dtype[np.intp]],
    totals: Floats,
    snapshot: Snapshot,
    *,
    current: int | None,
    preferred: int | None,
    tie: int,
) -> np.ndarray[Any, np.dtype[np.intp]]:
    """The rows from the best to the worst.

    The preferred one comes first. Equal scores are settled in favour of the one that the application is on,
    else by `tie_keys`.

    Args:
        rows: the candidates to be ranked.
        totals: the scores, one for each of the rows.
        tie: the hash of the application's address.
    """
    keys = [rows != current, -totals]
    if preferred is not None:
        keys.append(rows != preferred)
    order = np.lexsort(keys)
    settled = totals[order]
    if np.any(settled[1:] == settled[:-1]):
        order = np.lexsort([tie_keys(tie, snapshot.hashes[rows]), *keys])
    return rows[order]

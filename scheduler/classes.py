"""Applications that ask for the same, and what all candidates are to them."""

from __future__ import annotations

from dataclasses import dataclass, replace

from scheduler.columns import Bools, Floats, Snapshot
from scheduler.evaluation import Evaluation
from scheduler.filters import ChangingFilter, is_urgent
from scheduler.snapshot import Request


@dataclass(frozen=True, slots=True)
class Side:
    """The candidates seen from one side: by those that are elsewhere, or by those that are there."""

    fits: Bools
    """As far as nothing changes during a pass."""
    first: Bools
    """Ranked before those without metrics."""
    totals: Floats


@dataclass(frozen=True, slots=True)
class RequestClass:
    """What equal requests have in common."""

    request: Request
    there: Side
    """For those that are nowhere or elsewhere."""
    here: Side
    """For those that are on the candidate, each one in turn."""
    changing: tuple[ChangingFilter, ...]
    """The filters to be asked anew at each point of a pass."""
    usable: Bools
    """Where an application may stay whatever it asks for: the others have to be evacuated."""

    @classmethod
    def of(cls, request: Request, known: Evaluation, stickiness: float) -> RequestClass:
        """The class of a request."""
        visible = known.visible(request)
        usable = visible
        for filter_ in known.filters:
            if is_urgent(filter_):
                usable = usable & known.mask(filter_, request, here=True)
        return cls(
            request=request,
            there=_side(known, request, 0.0, here=False),
            here=_side(known, request, stickiness, here=True),
            changing=tuple(one for one in known.changing if one.asks(request)),
            usable=usable,
        )

    def open_to(self, request: Request, snapshot: Snapshot, *, here: bool) -> Bools:
        """The candidates that fit at this point of a pass; an array of its own.

        Args:
            request: the request, with the counts of siblings as they are by now.
            snapshot: the candidates with what is reserved by now.
            here: the side.
        """
        fits = (self.here if here else self.there).fits.copy()
        for filter_ in self.changing:
            fits &= filter_.mask(request, snapshot, here)
        return fits


def _side(known: Evaluation, request: Request, stickiness: float, *, here: bool) -> Side:
    fits = known.visible(request).copy()
    for filter_ in known.lasting:
        fits &= known.mask(filter_, request, here=here)
    first, totals = known.ranks(request, stickiness)
    return Side(fits, first, totals)


def with_siblings(request: Request, placed: dict[tuple[str, str], int]) -> Request:
    """The request with the siblings that were placed during the pass, by group and value of the label."""
    spread = request.spread
    if spread is None or not spread.group or not placed:
        return request
    counts = dict(spread.counts)
    for (group, value), count in placed.items():
        if group == spread.group:
            counts[value] = counts.get(value, 0) + count
    return replace(request, spread=spread._replace(counts=tuple(sorted(counts.items()))))

"""Filters: each says of one candidate whether it is possible at all, and why.

A new requirement is a new class here and an entry in `FILTERS`; nothing else has to change. The one list
serves decisions, dry runs, what-ifs and the pass over all applications.
"""

from __future__ import annotations

from scheduler.filters.base import (
    ChangingFilter,
    ColumnFilter,
    Filter,
    TraitFilter,
    Verdict,
    is_changing,
    is_columnar,
    is_urgent,
    mask_of,
)
from scheduler.filters.fitting import EvenlySpread, ExtendedResources, NodeSize, Resources
from scheduler.filters.matching import (
    CustomResources,
    FittingArchitecture,
    MatchingLabels,
    MatchingMetrics,
    SoundMetrics,
    Tolerated,
)
from scheduler.filters.standing import Granted, NotDeleted, Online, Schedulable, Stays, Wanted

VISIBLE = Granted()
"""Comes before all others: what it refuses is another tenant's, and no decision names it."""

FILTERS: tuple[Filter, ...] = (
    NotDeleted(),
    Online(),
    Schedulable(),
    Stays(),
    Wanted(),
    MatchingLabels(),
    MatchingMetrics(),
    SoundMetrics(),
    CustomResources(),
    Tolerated(),
    FittingArchitecture(),
    Resources(),
    ExtendedResources(),
    NodeSize(),
    EvenlySpread(),
)
"""All filters, in the order in which decisions list them; the first that refuses is the one that is named
first."""

__all__ = [
    "FILTERS",
    "VISIBLE",
    "ChangingFilter",
    "ColumnFilter",
    "CustomResources",
    "EvenlySpread",
    "ExtendedResources",
    "Filter",
    "FittingArchitecture",
    "MatchingLabels",
    "MatchingMetrics",
    "NodeSize",
    "NotDeleted",
    "Online",
    "Resources",
    "Schedulable",
    "SoundMetrics",
    "Stays",
    "Tolerated",
    "TraitFilter",
    "Verdict",
    "Wanted",
    "is_changing",
    "is_columnar",
    "is_urgent",
    "mask_of",
]

"""Scorers of one's own: Python that says how good a candidate is, beside metrics and preferences.

An installed package offers one by an entry point of the group `krake.scorers`, which names a class without
arguments or an object. Who runs the scheduler loads them (`krake.plugins`) and passes them in.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

import numpy as np

from krake.errors import KrakeError
from scheduler.columns import Floats, Snapshot
from scheduler.snapshot import Candidate, Request

ENTRY_POINTS = "krake.scorers"


@runtime_checkable
class Scorer(Protocol):
    """Something that rates candidates. It is pure: no clock, no network, and the same answer each time."""

    @property
    def name(self) -> str:
        """Short stable name, as decisions show it."""
        ...

    @property
    def weight(self) -> float:
        """What the rating weighs, as a metric's weight does; more than 0."""
        ...

    def score(self, application: Request, candidate: Candidate) -> float:
        """The rating between 0 and 1, 1 is the best.

        The application's name, uid and present cluster are empty: one rating serves all applications that ask
        for the same.
        """
        ...


def as_scorers(loaded: Mapping[str, Any]) -> tuple[Scorer, ...]:
    """The scorers among what entry points gave, by name; classes are called.

    Raises:
        KrakeError: something is no scorer, or its weight is none.
    """
    scorers = []
    for name, thing in sorted(loaded.items()):
        scorer = thing() if isinstance(thing, type) else thing
        if not isinstance(scorer, Scorer):
            raise KrakeError(
                f"The entry point {name} of {ENTRY_POINTS} is no scorer",
                why="It lacks name, weight or score(application, candidate)",
                fix="Mend the package that offers it, or remove it",
            )
        if not (math.isfinite(scorer.weight) and scorer.weight > 0):
            raise KrakeError(f"The scorer {name} weighs {scorer.weight}", fix="Its weight has to be above 0")
        scorers.append(scorer)
    return tuple(scorers)


def ratings(scorer: Scorer, application: Request, snapshot: Snapshot) -> Floats:
    """The ratings of all candidates.

    Raises:
        KrakeError: a rating is not between 0 and 1.
    """
    asked = replace(application, name="", uid="", current=None)
    values = np.array([scorer.score(asked, one) for one in snapshot.candidates], dtype=np.float64)
    wrong = np.flatnonzero(~((values >= 0) & (values <= 1)))
    if len(wrong):
        candidate = snapshot.candidates[wrong[0]]
        raise KrakeError(
            f"The scorer {scorer.name} rates {candidate.name} {values[wrong[0]]}",
            why="A rating is between 0 and 1",
            fix="Mend the package that offers the scorer, or remove it",
        )
    return values

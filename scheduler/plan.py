"""What a pass over all applications gets and gives: how applications stand, the rules, and the moves."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from scheduler.snapshot import Request


@dataclass(frozen=True, slots=True)
class Standing:
    """One application as it stands. All times are ages in seconds, measured by the caller."""

    request: Request
    """With `current` where it is, and `held` what is reserved for it there."""
    resident: float = math.inf
    """Since it came to where it is."""
    attempted: float = math.inf
    """Since it was last moved, or somebody tried to."""
    moves: int = 0
    """How often it was moved within the last hour."""
    waiting: float = 0.0
    """Since it wants to be placed; those that wait longest come first."""
    busy: bool = False
    """Whether something is being done to it: it is left alone."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What keeps a pass from moving too much. None is no limit."""

    margin: float = 0.05
    """A move for a better score has to gain more than this: noise below it moves nothing."""
    minimum_stay: float = 300.0
    """Seconds that an application stays before it moves for a better score."""
    cool_down: float = 300.0
    """Seconds between two moves of one application, unless where it is cannot be used any more."""
    parallel: int | None = 10
    """Migrations that may run at the same time."""
    per_hour: int | None = 100
    """Migrations that may begin within an hour."""
    per_application: int | None = 3
    """Migrations of one application that may begin within an hour, evacuations left aside."""
    running: int = 0
    """Migrations that run now."""
    begun: int = 0
    """Migrations that began within the last hour."""

    @property
    def budget(self) -> float:
        """How many migrations may begin now."""
        parallel = math.inf if self.parallel is None else self.parallel - self.running
        per_hour = math.inf if self.per_hour is None else self.per_hour - self.begun
        return max(min(parallel, per_hour), 0)


class Cause(StrEnum):
    """Why an application is placed or moved, in the order in which a pass cares for them."""

    EVACUATE = "evacuate"
    """Where it is cannot be used: away, being deleted, tainted NoExecute, or to be left."""
    PLACE = "place"
    """It is nowhere. No migration: budgets do not count it."""
    LEAVE = "leave"
    """Where it is does not meet its requirements any more."""
    IMPROVE = "improve"
    """It does better elsewhere, or is asked to be elsewhere."""


class Move(NamedTuple):
    """An application goes to a candidate."""

    application: int
    """Its index in the list that the pass got."""
    cause: Cause
    source: str | None
    """Uid of where it is."""
    target: str
    """Uid of where it goes."""
    score: float
    gain: float | None
    """By how much the score is better than where it is; None where that does not count."""


class Held(StrEnum):
    """Why an application that would do better elsewhere stays."""

    BUSY = "busy"
    MARGIN = "margin"
    MINIMUM_STAY = "minimum stay"
    COOL_DOWN = "cool-down"
    PER_APPLICATION = "budget of the application"
    BUDGET = "budget of migrations"


class Stay(NamedTuple):
    """An application that would move but is held."""

    application: int
    cause: Cause
    held: Held
    gain: float | None


@dataclass(slots=True)
class Plan:
    """What a pass found."""

    moves: list[Move] = field(default_factory=list)
    """In the order in which they were decided: each takes room that those after it do not have."""
    stays: list[Stay] = field(default_factory=list)
    unplaced: list[int] = field(default_factory=list)
    """Applications that should be placed or leave, and fit nowhere; `decide` says why for each."""
    classes: int = 0
    """How many different requirements there were."""

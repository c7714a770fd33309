"""The record of a placement, for people and programs: what was considered, what it was worth, what came of
it."""

from __future__ import annotations

from pydantic import Field

from krake.models.base import Answer, Timestamp
from krake.models.metadata import ResourceRef
from krake.models.metrics import Direction
from scheduler.summary import ALSO


class FilterVerdict(Answer):
    """What one filter said of one candidate."""

    filter: str
    passed: bool
    reason: str
    """What was expected and what was found, in words."""


class ScorePart(Answer):
    """One thing that speaks for a candidate: a metric, a preference, a scorer, or the stickiness."""

    name: str
    value: float | None = None
    """Between 0 and 1; empty for a metric that fails."""
    weight: float
    contribution: float | None = None
    """What it adds to the total: value * weight / divisor. Empty for a candidate that is not ranked."""
    kind: str = "stickiness"
    """`metric`, `preference`, `scorer` or `stickiness`."""
    raw: float | None = None
    """The metric's value as its provider gave it."""
    age: float | None = None
    """Seconds since the provider gave it."""
    inherited: bool = False
    """Whether the candidate has the metric from its cloud."""
    direction: Direction = Direction.MAXIMISE
    """`minimise` where the value is one less the normalised metric."""


class Considered(Answer):
    """One candidate with everything that was said of it."""

    cluster: ResourceRef
    uid: str
    verdicts: list[FilterVerdict]
    scores: list[ScorePart] = Field(default_factory=list)
    """Parts of the total in the order in which they were added."""
    divisor: float | None = None
    """The sum of the weights; 1 for a candidate without metrics."""
    total: float | None = None
    rank: int | None = None
    """1 is the best; empty for a candidate that a filter refused, or that has no metrics while others do."""

    @property
    def fits(self) -> bool:
        """Whether every filter let the candidate pass."""
        return all(verdict.passed for verdict in self.verdicts)

    @property
    def refused_by(self) -> FilterVerdict | None:
        """The first filter that refused the candidate."""
        return next((verdict for verdict in self.verdicts if not verdict.passed), None)

    @property
    def refusal(self) -> str:
        """Why the candidate is not possible; empty if it is."""
        return ALSO.join(verdict.reason for verdict in self.verdicts if not verdict.passed)


class DecisionHead(Answer):
    """What came of a decision, without the candidates."""

    id: int | None = None
    """Its number among all decisions; empty for one that was not recorded: a dry run, a what-if."""
    at: Timestamp
    trigger: str
    """What led to the decision: a change of the application, of a cluster, a dry run …"""
    chosen: ResourceRef | None = None
    margin: float | None = None
    """How far the chosen one is ahead of the second; empty without a second, 0 in a tie."""
    summary: str = ""
    """The decision in one sentence."""


class Decision(DecisionHead):
    """Where an application goes, or why it goes nowhere. What the API shows of a recorded decision."""

    application: ResourceRef
    uid: str
    """The application's uid; empty in a dry run before it exists."""
    candidates: list[Considered]
    """Candidates that the application's namespace may use: ranked ones first, those that fit but are not
    ranked after them, refused ones last, by name."""
    stickiness: float = 0.0
    """The weight in favour of the candidate that the application was on."""

    @property
    def winner(self) -> Considered | None:
        """The chosen candidate with its verdicts and score; None when nothing fits."""
        return next((candidate for candidate in self.candidates if candidate.rank == 1), None)

"""The record of a placement: what was considered, what each candidate was worth, and what came of it."""

from __future__ import annotations

from pydantic import Field

from krake.models.base import Answer, Timestamp
from krake.models.metadata import ResourceRef
from scheduler.scores import ScorePart


class FilterVerdict(Answer):
    """What one filter said of one candidate."""

    filter: str
    passed: bool
    reason: str
    """The value that decided, in words."""


class Considered(Answer):
    """One candidate with everything that was said of it."""

    cluster: ResourceRef
    uid: str
    verdicts: list[FilterVerdict]
    scores: list[ScorePart] = Field(default_factory=list)
    """Parts of the total; empty for a candidate that a filter refused."""
    total: float | None = None
    rank: int | None = None
    """1 is the best; empty for a candidate that a filter refused."""

    @property
    def fits(self) -> bool:
        """Whether every filter let the candidate pass."""
        return all(verdict.passed for verdict in self.verdicts)

    @property
    def refusal(self) -> str:
        """Why the candidate is not possible; empty if it is."""
        return ", ".join(verdict.reason for verdict in self.verdicts if not verdict.passed)


class Decision(Answer):
    """Where an application goes, or why it goes nowhere. Stored as it is, and shown by `explain`."""

    application: ResourceRef
    uid: str
    """The application's uid; empty in a dry run before it exists."""
    at: Timestamp
    trigger: str
    """What led to the decision: a change of the application, of a cluster, a dry run …"""
    candidates: list[Considered]
    """Candidates of the application's namespace: ranked ones first, refused ones after them by name."""
    chosen: ResourceRef | None = None
    margin: float | None = None
    """How far the chosen one is ahead of the second; empty without a second, 0 in a tie."""
    summary: str = ""
    """The decision in one sentence."""

    @property
    def winner(self) -> Considered | None:
        """The chosen candidate with its verdicts and score; None when nothing fits."""
        return next((candidate for candidate in self.candidates if candidate.rank == 1), None)

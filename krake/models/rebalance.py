"""What one look at all applications found and did: who was placed, who moves, who stays and why."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from krake.models.base import Answer, Timestamp
from krake.models.metadata import ResourceRef


class DueMove(Answer):
    """An application that goes somewhere."""

    application: ResourceRef
    cause: str
    """`evacuate`, `place`, `leave` or `improve`."""
    source: str | None = None
    """Name of the cluster that it is on."""
    target: str | None = None
    """Name of the cluster that it goes to; the lifecycle decides anew, on what is then."""
    score: float | None = None
    gain: float | None = None
    """By how much its score is better there than where it is; empty where that does not count."""
    outcome: str = ""
    """What was done about it; empty in a dry run."""


class HeldBack(Answer):
    """An application that should be elsewhere and stays for now."""

    application: ResourceRef
    cause: str
    cluster: str | None = None
    """Name of the cluster that it is on."""
    held: str
    """The rule: `margin`, `minimum stay`, `cool-down`, `budget of the application`, `budget of migrations` or
    `busy`."""
    why: str
    """The rule in words, with its numbers."""
    gain: float | None = None


class FitsNowhere(Answer):
    """An application that no cluster can take."""

    application: ResourceRef
    cluster: str | None = None
    """Name of the cluster that it is on."""


class RebalanceReport(Answer):
    """One look at all applications. Long lists are cut; the numbers count everything."""

    api: Literal["kubernetes"] = "kubernetes"
    kind: Literal["RebalanceReport"] = "RebalanceReport"
    dry_run: bool = False
    at: Timestamp
    applications: int = 0
    """How many were looked at."""
    clusters: int = 0
    moves: list[DueMove] = Field(default_factory=list)
    moving: int = 0
    """How many `moves` there are."""
    held: list[HeldBack] = Field(default_factory=list)
    held_by: dict[str, int] = Field(default_factory=dict)
    """How many are held back, by the rule."""
    nowhere: list[FitsNowhere] = Field(default_factory=list)
    unplaced: int = 0
    """How many fit nowhere."""
    summary: str = ""

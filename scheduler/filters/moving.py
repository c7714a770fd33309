"""Filters that a decision about a move adds to those of every decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from scheduler.filters.base import Verdict
from scheduler.snapshot import Candidate, Request


@dataclass(frozen=True, slots=True)
class Leaving:
    """The candidate that the application moves away from is none."""

    name: str = "leaving"

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Passes every candidate but the one that the application is on."""
        leaves = application.current == candidate.uid
        return Verdict(not leaves, "the application moves away from it" if leaves else "not its cluster now")


@dataclass(frozen=True, slots=True)
class Named:
    """Only the candidate that was asked for."""

    wanted: str
    name: str = "asked for"

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Passes the candidate of the wanted name."""
        passed = candidate.name == self.wanted
        return Verdict(passed, "was asked for" if passed else f"{self.wanted} was asked for")


@dataclass(frozen=True, slots=True)
class Avoiding:
    """Candidates where the move failed just before."""

    failed: Mapping[str, str] = field(default_factory=dict)
    """Uids, each with what went wrong."""
    name: str = "earlier failures"

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Passes candidates where no move failed lately."""
        why = self.failed.get(candidate.uid)
        return Verdict(why is None, why or "no move there failed lately")


@dataclass(frozen=True, slots=True)
class Staying:
    """The application keeps its candidate for the moment."""

    why: str
    name: str = "staying"

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Passes the candidate that the application is on."""
        if application.current in (None, candidate.uid):
            return Verdict(True, "no move needed")
        return Verdict(False, self.why)

"""What a filter is: one requirement, asked of one candidate or of all of them at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable
from dataclasses import replace
from typing import NamedTuple, Protocol, TypeGuard

import numpy as np

from scheduler.columns import Bools, Snapshot
from scheduler.snapshot import Candidate, Request

_ELSEWHERE = "\0"
"""The uid of no candidate."""


class Verdict(NamedTuple):
    """A filter's answer. The reason holds what was expected and what was found, for passed candidates too."""

    passed: bool
    reason: str


class Filter(Protocol):
    """One requirement that a candidate meets or not."""

    @property
    def name(self) -> str:
        """Short stable name, as decisions show it."""
        ...

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Whether the candidate meets the requirement of the application."""
        ...


class ColumnFilter(Filter, Protocol):
    """A filter that can ask all candidates at once; it has to answer as `verdict` does.

    It may have two marks: `changing`, where the answer changes with what a pass over all applications has
    placed already, and `urgent`, where whoever is on a candidate that it refuses has to be evacuated.
    """

    def key(self, application: Request) -> Hashable:
        """What of the application the answer depends on, beside where it is."""
        ...

    def mask(self, application: Request, snapshot: Snapshot, here: bool) -> Bools:
        """The candidates that pass.

        Args:
            application: what has to be placed.
            snapshot: the candidates.
            here: whether to take the application as being on the candidate that is asked, each time; else it
                is taken as being on none of them.
        """
        ...


class TraitFilter(ABC):
    """A filter that looks at a candidate's traits only: it is asked once for each combination there is."""

    @abstractmethod
    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Whether the candidate meets the requirement of the application."""

    def key(self, application: Request) -> Hashable:
        """Nothing, unless the filter says otherwise."""
        return ()

    def mask(self, application: Request, snapshot: Snapshot, here: bool) -> Bools:
        """The candidates that pass."""
        return snapshot.traits.spread(
            self.verdict(_standing(application, example, here), example).passed
            for example in snapshot.examples
        )


def is_columnar(filter_: Filter) -> TypeGuard[ColumnFilter]:
    """Whether the filter can ask all candidates at once."""
    # Looking at the protocol itself costs more than all filters on a hundred candidates.
    return hasattr(filter_, "mask") and hasattr(filter_, "key")


def is_urgent(filter_: Filter) -> bool:
    """Whether whoever is on a candidate that the filter refuses has to be evacuated."""
    return bool(getattr(filter_, "urgent", False))


class ChangingFilter(ColumnFilter, Protocol):
    """A filter with the mark `changing`."""

    def asks(self, application: Request) -> bool:
        """Whether the filter could refuse anything at all."""
        ...


def is_changing(filter_: Filter) -> TypeGuard[ChangingFilter]:
    """Whether the answer changes with what a pass has placed already."""
    return bool(getattr(filter_, "changing", False))


def mask_of(filter_: Filter, application: Request, snapshot: Snapshot, here: bool) -> Bools:
    """The candidates that pass, of any filter."""
    if is_columnar(filter_):
        return filter_.mask(application, snapshot, here)
    answers = (filter_.verdict(_standing(application, one, here), one).passed for one in snapshot.candidates)
    return np.fromiter(answers, dtype=np.bool_, count=len(snapshot))


def _standing(application: Request, candidate: Candidate, here: bool) -> Request:
    if here:
        return replace(application, current=candidate.uid)
    # Whoever is somewhere else stays so: an application that must not move has to be told from a new one.
    return replace(application, current=_ELSEWHERE if application.current is not None else None)

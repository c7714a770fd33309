"""Filters: each says of one candidate whether it is possible at all, and why.

A new requirement is a new class here and an entry in `FILTERS`; nothing else has to change.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from krake.models.cluster import ClusterState
from krake.models.constraints import LabelConstraint, Operator
from scheduler.snapshot import Candidate, Request


class Verdict(NamedTuple):
    """A filter's answer. The reason holds the value that decided, for passed candidates too."""

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


class NotDeleted:
    """Candidates on their way out take nothing."""

    name = "deletion"

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Passes candidates without a deletion mark."""
        return Verdict(not candidate.deleted, "being deleted" if candidate.deleted else "not being deleted")


class Online:
    """Only candidates that are known to work take applications."""

    name = "state"

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Passes candidates that are ONLINE."""
        return Verdict(candidate.state is ClusterState.ONLINE, candidate.state.value)


class Stays:
    """An application that may not migrate keeps the candidate that it is on."""

    name = "migration"

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Passes every candidate while the application is on none or may move."""
        if application.current is None or application.current == candidate.uid:
            return Verdict(True, "no move needed")
        reason = "migration is allowed" if application.migration else "migration is not allowed"
        return Verdict(application.migration, reason)


class MatchingLabels:
    """Every label constraint of the application holds for the candidate."""

    name = "labels"

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Names every constraint that fails, or else the labels that decided."""
        failed = [wanted for wanted in application.labels if not wanted.matches(candidate.labels)]
        if failed:
            return Verdict(False, ", ".join(_refusal(wanted, candidate) for wanted in failed))
        if not application.labels:
            return Verdict(True, "no label is asked for")
        return Verdict(True, ", ".join(_found(wanted.key, candidate) for wanted in application.labels))


def _found(key: str, candidate: Candidate) -> str:
    value = candidate.labels.get(key)
    return f"label {key} is missing" if value is None else f"label {key} is {value}"


def _refusal(constraint: LabelConstraint, candidate: Candidate) -> str:
    return f"{_found(constraint.key, candidate)}, wanted {_wish(constraint)}"


def _wish(constraint: LabelConstraint) -> str:
    match constraint.operator:
        case Operator.EQUAL | Operator.ONE_OF:
            return " or ".join(constraint.values)
        case Operator.NOT_EQUAL | Operator.NONE_OF:
            return f"any value but {', '.join(constraint.values)}"
        case Operator.EXISTS:
            return "any value"
        case Operator.NOT_EXISTS:
            return "no such label"


class CustomResources:
    """Every custom resource definition that the application needs is there.

    What the cluster really has decides; what it declares counts only until somebody has asked it.
    """

    name = "custom_resources"

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Names every definition that is missing, or else those that decided."""
        wanted = application.custom_resources
        if not wanted:
            return Verdict(True, "no custom resource is asked for")
        has = (
            candidate.declared_resources if candidate.served_resources is None else candidate.served_resources
        )
        missing = [name for name in wanted if name not in has]
        if missing:
            return Verdict(False, ", ".join(_absence(name, candidate) for name in missing))
        how = "declared" if candidate.served_resources is None else "there"
        return Verdict(True, ", ".join(f"custom resource {name} is {how}" for name in wanted))


def _absence(name: str, candidate: Candidate) -> str:
    if candidate.served_resources is None:
        return f"custom resource {name} is not declared"
    declared = name in candidate.declared_resources
    return f"custom resource {name} is {'declared but not there' if declared else 'missing'}"


FILTERS: tuple[Filter, ...] = (NotDeleted(), Online(), Stays(), MatchingLabels(), CustomResources())
"""All filters, in the order in which decisions list them."""

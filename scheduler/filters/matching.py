"""Filters on what users say of their candidates: labels, metrics, custom resources, taints, architectures."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from krake.models.constraints import LabelConstraint, Operator
from krake.models.metric_constraints import MetricConstraint
from scheduler.columns import Bools, Snapshot
from scheduler.filters.base import TraitFilter, Verdict
from scheduler.snapshot import Candidate, Request
from scheduler.taints import Effect, repelling


class MatchingLabels:
    """Every label constraint of the application holds for the candidate."""

    name = "labels"

    def key(self, application: Request) -> Hashable:
        """The constraints."""
        return application.labels

    def mask(self, application: Request, snapshot: Snapshot, here: bool) -> Bools:
        """Asks each constraint once for each value that its label has somewhere."""
        passed = np.ones(len(snapshot), dtype=np.bool_)
        for wanted in application.labels:
            column = snapshot.label(wanted.key)
            passed &= column.spread(
                wanted.matches({} if value is None else {wanted.key: value}) for value in column.table
            )
        return passed

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
    origin = " (inherited)" if key in candidate.inherited_labels else ""
    return f"label {key} is missing" if value is None else f"label {key} is {value}{origin}"


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


class MatchingMetrics:
    """Every metric constraint of the application holds for the candidate's raw values."""

    name = "metric_constraints"

    def key(self, application: Request) -> Hashable:
        """The constraints."""
        return application.metrics

    def mask(self, application: Request, snapshot: Snapshot, here: bool) -> Bools:
        """Compares whole columns; what is missing or failing never matches."""
        passed = np.ones(len(snapshot), dtype=np.bool_)
        for wanted in application.metrics:
            column = snapshot.metrics.get(wanted.metric)
            if column is None:
                passed[:] = False
            else:
                passed &= column.usable & wanted.operator.compare(column.raw, wanted.value)
        return passed

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Names every constraint that fails, or else the values that decided."""
        if not application.metrics:
            return Verdict(True, "no metric is asked for")
        answers = [_compared(wanted, candidate) for wanted in application.metrics]
        failed = [answer.reason for answer in answers if not answer.passed]
        return Verdict(not failed, ", ".join(failed or (answer.reason for answer in answers)))


def _compared(wanted: MetricConstraint, candidate: Candidate) -> Verdict:
    sample = candidate.metrics.get(wanted.metric)
    wish = f"wanted {wanted.operator} {wanted.value:g}"
    if sample is None:
        return Verdict(False, f"metric {wanted.metric} is missing, {wish}")
    if sample.trouble is not None:
        return Verdict(False, f"metric {wanted.metric} fails ({sample.trouble[0]}), {wish}")
    passed = wanted.matches(sample.raw)
    found = f"metric {wanted.metric} is {sample.raw:g}"
    return Verdict(passed, found if passed else f"{found}, {wish}")


class SoundMetrics:
    """A candidate takes nothing new, and keeps nothing, while one of its metrics fails."""

    name = "failing_metrics"

    def key(self, application: Request) -> Hashable:
        """Nothing: it is the candidate's own trouble."""
        return ()

    def mask(self, application: Request, snapshot: Snapshot, here: bool) -> Bools:
        """The candidates without a failing metric."""
        return snapshot.sound

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Names every failing metric with its code."""
        failing = [
            f"metric {name} fails ({trouble[0]}: {trouble[1]})"
            for name, sample in sorted(candidate.metrics.items())
            if (trouble := sample.trouble) is not None
        ]
        count = len(candidate.metrics)
        return Verdict(
            not failing, ", ".join(failing) or (f"{count} metrics work" if count else "no metrics")
        )


class CustomResources(TraitFilter):
    """Every custom resource that the application asks for is there.

    What was seen on the cluster wins over what the user declared; the declaration counts until somebody
    looked.
    """

    name = "custom_resources"

    def key(self, application: Request) -> Hashable:
        """The resources that are asked for."""
        return application.custom_resources

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Names every resource that is missing, and whether it was promised."""
        wanted, served = application.custom_resources, candidate.served_resources
        if not wanted:
            return Verdict(True, "no custom resource is asked for")
        has = candidate.declared_resources if served is None else served
        missing = [name for name in wanted if name not in has]
        if missing:
            return Verdict(False, ", ".join(_absence(name, candidate) for name in missing))
        how = "declared" if served is None else "there"
        return Verdict(True, ", ".join(f"custom resource {name} is {how}" for name in wanted))


def _absence(name: str, candidate: Candidate) -> str:
    if candidate.served_resources is None:
        return f"custom resource {name} is not declared"
    declared = name in candidate.declared_resources
    return f"custom resource {name} is {'declared but not there' if declared else 'missing'}"


class Tolerated(TraitFilter):
    """Every taint of the candidate is tolerated."""

    name = "taints"
    urgent = True

    def key(self, application: Request) -> Hashable:
        """The tolerations."""
        return application.tolerations

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Names every taint that is not tolerated; NoSchedule does not drive away what is there already."""
        here = application.current == candidate.uid
        effects = (Effect.NO_EXECUTE,) if here else (Effect.NO_EXECUTE, Effect.NO_SCHEDULE)
        against = repelling(candidate.taints, application.tolerations, effects)
        if against:
            tolerated = ", ".join(map(str, application.tolerations)) or "nothing"
            return Verdict(
                False, f"taint {', '.join(map(str, against))} is not tolerated, tolerated: {tolerated}"
            )
        return Verdict(True, "taints are tolerated" if candidate.taints else "no taints")


class FittingArchitecture(TraitFilter):
    """Every Pod finds a processor that it runs on."""

    name = "architecture"

    def key(self, application: Request) -> Hashable:
        """The architectures of each kind of Pod."""
        return application.needs.architectures

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Names what the candidate has and the first wish that it does not meet."""
        wishes = application.needs.architectures
        if not wishes:
            return Verdict(True, "no architecture is asked for")
        has = ", ".join(sorted(candidate.architectures)) or "not known"
        unmet = [wish for wish in wishes if candidate.architectures.isdisjoint(wish)]
        if unmet:
            return Verdict(False, f"architecture is {has}, wanted {' or '.join(unmet[0]) or 'none there is'}")
        return Verdict(True, f"architecture is {has}")

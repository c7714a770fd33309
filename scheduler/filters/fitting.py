"""Filters on room: what is free, how large the nodes are, and how evenly siblings are spread."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache

import numpy as np

from krake.models.quantities import is_extended, shown_amount
from scheduler.amounts import Amounts, fits_into, larger, on, shown
from scheduler.columns import Bools, Snapshot
from scheduler.filters.base import Verdict
from scheduler.requirements import Needs
from scheduler.snapshot import Candidate, Request


class Resources:
    """The requests of all Pods fit into what is free, in every dimension that every node has."""

    name = "resources"
    changing = True
    extended = False
    unasked = "no resources are asked for"

    def key(self, application: Request) -> Hashable:
        """What is needed, and what is reserved already."""
        return application.needs, application.held

    def mask(self, application: Request, snapshot: Snapshot, here: bool) -> Bools:
        """Compares needs with what is free, by whole columns.

        What is reserved for the application where it is counts as free there; if that is all that it needs,
        it stays even on a cluster that is overcommitted.
        """
        capacity, passed = snapshot.capacity, np.ones(len(snapshot), dtype=np.bool_)
        wanted = _dimensions(application.needs, self.extended)
        held = dict(application.held) if here else {}
        settled: Bools | bool = here
        for dimension, total, per_node in wanted:
            needed = total + per_node * np.maximum(capacity.nodes, 1) if per_node else total
            own = held.get(dimension, 0)
            passed &= capacity.column(dimension) >= needed - own
            settled = settled & (own >= needed)
        return passed | settled

    def asks(self, application: Request) -> bool:
        """Whether anything is needed."""
        return bool(_dimensions(application.needs, self.extended))

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Names every dimension that is short, with what is needed, free, offered and reserved."""
        here = application.current == candidate.uid
        wanted = self._own(_wanted(application, candidate))
        if not wanted:
            return Verdict(True, self.unasked)
        if candidate.allocatable is None:
            return Verdict(True, "what it offers is not known")
        if here and fits_into(wanted, dict(application.held)):
            return Verdict(True, "reserved already")
        own = dict(application.held) if here else {}
        told = [self._told(dimension, needed, candidate, own) for dimension, needed in wanted]
        short = [one.reason for one in told if not one.passed]
        return Verdict(not short, ", ".join(short or (one.reason for one in told)))

    def _own(self, part: Amounts) -> Amounts:
        return tuple(pair for pair in part if is_extended(pair[0]) is self.extended)

    def _told(self, dimension: str, needed: int, candidate: Candidate, own: dict[str, int]) -> Verdict:
        offered = dict(candidate.allocatable or ()).get(dimension, 0 if self.extended else None)
        if offered is None:
            return Verdict(True, f"{dimension}: needs {shown_amount(dimension, needed)}, there is no limit")
        if not offered and needed > own.get(dimension, 0):
            return Verdict(False, f"{dimension}: needs {shown_amount(dimension, needed)}, there is none")
        reserved = dict(candidate.reserved).get(dimension, 0) - own.get(dimension, 0)
        free = offered - reserved
        amounts = [shown_amount(dimension, one) for one in (needed, max(free, 0), offered, reserved)]
        reason = "{}: needs {}, free {} of {} (reserved {})".format(dimension, *amounts)
        return Verdict(needed <= free, reason)


class ExtendedResources(Resources):
    """Devices such as GPUs: only some nodes have them, and what is not offered is not there."""

    name = "extended_resources"
    extended = True
    unasked = "no extended resources are asked for"


@lru_cache(maxsize=4096)
def _dimensions(needs: Needs, extended: bool) -> tuple[tuple[str, int, int], ...]:
    """The dimensions of one sort, with what is needed in total and for each node."""
    total, per_node = dict(needs.total), dict(needs.per_node)
    return tuple(
        (dimension, total.get(dimension, 0), per_node.get(dimension, 0))
        for dimension in {**total, **per_node}
        if is_extended(dimension) is extended
    )


def _wanted(application: Request, candidate: Candidate) -> Amounts:
    return on(application.needs.total, application.needs.per_node, len(candidate.nodes))


class NodeSize:
    """Every kind of Pod fits on a node as a whole, where the nodes are known one by one."""

    name = "node_size"

    def key(self, application: Request) -> Hashable:
        """The kinds of Pods."""
        return application.needs.pods

    def mask(self, application: Request, snapshot: Snapshot, here: bool) -> Bools:
        """The candidates that have a node for each kind of Pod; Pods that run already have theirs."""
        passed = np.ones(len(snapshot), dtype=np.bool_)
        if not here:
            for pod in application.needs.pods:
                passed &= snapshot.nodes.with_room_for(pod)
        return passed

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Names the first Pod that is too large and the largest node."""
        pods = application.needs.pods
        if not pods or application.current == candidate.uid:
            return Verdict(True, "no Pod is too large")
        if not candidate.nodes:
            return Verdict(True, "its nodes are not known")
        nodes = [dict(node) for node in candidate.nodes]
        for pod in pods:
            if not any(fits_into(pod, node) for node in nodes):
                dimensions = {dimension for dimension, _ in pod}
                most = [pair for pair in larger(*candidate.nodes) if pair[0] in dimensions]
                has = shown(most) or "none of that"
                return Verdict(False, f"a Pod needs {shown(pod)} on one node, the largest node has {has}")
        return Verdict(True, "every Pod fits on a node")


class EvenlySpread:
    """Siblings are spread evenly over the values of a label. Those that are there already stay."""

    name = "spread"
    changing = True

    def asks(self, application: Request) -> bool:
        """Whether siblings are to be spread."""
        return application.spread is not None

    def key(self, application: Request) -> Hashable:
        """The label and the counts."""
        return application.spread

    def mask(self, application: Request, snapshot: Snapshot, here: bool) -> Bools:
        """Asks once for each value of the label."""
        spread = application.spread
        if spread is None or here:
            return np.ones(len(snapshot), dtype=np.bool_)
        column = snapshot.label(spread.key)
        return column.spread(_skewed(application, value).passed for value in column.table)

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Says how many siblings are at the candidate's value and at the emptiest."""
        if application.spread is None or application.current == candidate.uid:
            return Verdict(True, "no spread is asked for" if application.spread is None else "there already")
        return _skewed(application, candidate.labels.get(application.spread.key))


def _skewed(application: Request, value: str | None) -> Verdict:
    spread = application.spread
    assert spread is not None
    if value is None:
        return Verdict(False, f"label {spread.key} is missing, siblings are spread over it")
    counts = dict(spread.counts)
    there = counts.get(value, 0)
    least = min(counts.values(), default=0)
    passed = there + 1 - min(least, there) <= spread.max_skew
    found = f"{there} siblings at {spread.key} {value}, {least} at the emptiest"
    return Verdict(passed, found if passed else f"{found}, {spread.max_skew} more allowed at most")

"""The pass over all applications: who is placed, who moves where, and who is held back.

One computation for everything: applications with equal requirements are looked at together, over all
candidates at once; only those that should go somewhere are then taken one after the other, because each takes
room from those after it. Each goes exactly where `decide` would send it at that point.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from scheduler.assignment import Assignment
from scheduler.classes import RequestClass
from scheduler.columns import Snapshot
from scheduler.evaluation import Evaluation, requirement
from scheduler.filters import FILTERS, Filter, is_columnar
from scheduler.plan import Cause, Held, Plan, Policy, Standing, Stay
from scheduler.scorers import Scorer
from scheduler.survey import Survey, survey

_CLASSES_KEPT = 100_000_000
"""Bytes of classes that are kept, about; the others are made again when they are needed."""


def rebalance(
    standings: Sequence[Standing],
    snapshot: Snapshot,
    policy: Policy,
    *,
    stickiness: float = 0.1,
    filters: Sequence[Filter] = FILTERS,
    scorers: Sequence[Scorer] = (),
) -> Plan:
    """Find all placements and moves that are due.

    The result does not depend on the order of the applications or of the candidates. Evacuations come first,
    then what waits for a place (longest first), then what does not fit any more where it is, then moves for a
    better score, the largest gain first.

    Args:
        standings: all applications, as they are.
        snapshot: all candidates. What it says is reserved includes what the applications hold. A move takes
        its
            room at the target; the room at the source comes free when the move is over, in a later pass.
        policy: what keeps the pass from moving too much.
        stickiness: weight in favour of the candidate that an application is on.
        filters: requirements that a candidate has to meet.
        scorers: ratings beside metrics and preferences.
    """
    return _Pass(standings, snapshot, policy, stickiness, filters, scorers).run()


class _Pass:
    def __init__(
        self,
        standings: Sequence[Standing],
        snapshot: Snapshot,
        policy: Policy,
        stickiness: float,
        filters: Sequence[Filter],
        scorers: Sequence[Scorer],
    ) -> None:
        self._standings = standings
        self._snapshot = snapshot
        self._policy = policy
        self._stickiness = stickiness
        self._known = Evaluation(snapshot, filters=filters, scorers=scorers)
        # A filter that only asks one by one may look at names.
        self._alike = all(is_columnar(one) for one in filters)
        self._plan = Plan()
        self._due: dict[Cause, list[tuple[float, str, str, int, int]]] = {cause: [] for cause in Cause}
        self._examples: list[int] = []
        kept = max(_CLASSES_KEPT // (max(len(snapshot), 1) * 4), 16)
        self._class = lru_cache(maxsize=kept)(self._make_class)

    def run(self) -> Plan:
        if not len(self._snapshot):
            self._plan.unplaced.extend(range(len(self._standings)))
            return self._plan
        members = self._grouped()
        self._plan.classes = len(members)
        for number, applications in enumerate(members):
            self._survey(number, applications)
        assignment = Assignment(
            self._standings, self._snapshot, self._policy, self._stickiness, self._known, self._plan
        )
        for cause in Cause:
            for *_, application, number in sorted(self._due[cause]):
                assignment.assign(application, cause, number, self._class(number))
        return self._plan

    def _grouped(self) -> list[list[int]]:
        """The applications by what they ask for."""
        numbers: dict[object, int] = {}
        members: list[list[int]] = []
        for application, standing in enumerate(self._standings):
            request = standing.request
            key = requirement(request) if self._alike else (requirement(request), request.name, request.uid)
            number = numbers.setdefault(key, len(members))
            if number == len(members):
                members.append([])
                self._examples.append(application)
            members[number].append(application)
        return members

    def _make_class(self, number: int) -> RequestClass:
        request = self._standings[self._examples[number]].request
        return RequestClass.of(request, self._known, self._stickiness)

    def _survey(self, number: int, applications: list[int]) -> None:
        """Find those of a class that are due, with what they are ordered by."""
        kind = self._class(number)
        request = kind.request
        fits_there = kind.open_to(request, self._snapshot, here=False)
        if request.current is None:
            for application in applications:
                if fits_there.any() or request.spread is not None:
                    self._add(Cause.PLACE, -self._standings[application].waiting, application, number)
                else:
                    self._plan.unplaced.append(application)
            return
        fits_here = kind.open_to(request, self._snapshot, here=True)
        rows = np.array([self._row(application) for application in applications], dtype=np.int64)
        preferred = self._snapshot.rows.get(request.preferred or "", -1)
        found = survey(kind, fits_there, fits_here, rows, self._stickiness, preferred)
        self._take(found, applications, number, asked=request.preferred is not None)

    def _row(self, application: int) -> int:
        return self._snapshot.rows.get(self._standings[application].request.current or "", -1)

    def _take(self, found: Survey, applications: list[int], number: int, *, asked: bool) -> None:
        for position in np.flatnonzero(found.leaves | found.improves).tolist():
            application, gain = applications[position], float(found.gains[position])
            if found.urgent[position]:
                self._add(Cause.EVACUATE, 0.0, application, number)
            elif found.leaves[position]:
                self._add(Cause.LEAVE, 0.0, application, number)
            elif asked or gain > self._policy.margin:
                self._add(Cause.IMPROVE, -gain, application, number)
            else:
                self._plan.stays.append(Stay(application, Cause.IMPROVE, Held.MARGIN, gain))

    def _add(self, cause: Cause, order: float, application: int, number: int) -> None:
        request = self._standings[application].request
        self._due[cause].append((order, request.namespace, request.name, application, number))

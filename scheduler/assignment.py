"""Taking applications to candidates one after the other, each with the room that those before it left."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scheduler.amounts import on
from scheduler.classes import RequestClass, with_siblings
from scheduler.columns import Snapshot, address_hash, tie_keys
from scheduler.evaluation import Evaluation
from scheduler.plan import Cause, Held, Move, Plan, Policy, Standing, Stay


class Assignment:
    """The second half of a pass. It writes into the plan."""

    def __init__(
        self,
        standings: Sequence[Standing],
        snapshot: Snapshot,
        policy: Policy,
        stickiness: float,
        known: Evaluation,
        plan: Plan,
    ) -> None:
        self._standings = standings
        self._capacity = snapshot.capacity.copy()
        self._snapshot = snapshot.with_capacity(self._capacity)
        self._policy = policy
        self._stickiness = stickiness
        self._known = known
        self._plan = plan
        self._budget = policy.budget
        self._siblings: dict[tuple[str, str], int] = {}
        self._exhausted: set[int] = set()

    def assign(self, application: int, cause: Cause, number: int, kind: RequestClass) -> None:
        """Place or move one application, or say why it stays.

        Args:
            application: its index.
            cause: what it is due for.
            number: the number of its class.
            kind: the class.
        """
        held = self._held(self._standings[application], cause)
        if held is not None:
            self._plan.stays.append(Stay(application, cause, held, None))
            return
        # Room only becomes less during a pass: where one of a class found nothing, the next finds nothing.
        # Siblings can make room for each other, so those that are spread are asked each time.
        if number in self._exhausted:
            self._plan.unplaced.append(application)
            return
        found = self._choose(self._standings[application], kind)
        if found is None:
            if kind.request.spread is None and kind.request.current is None:
                self._exhausted.add(number)
            self._plan.unplaced.append(application)
            return
        self._go(application, cause, kind, *found)

    def _held(self, standing: Standing, cause: Cause) -> Held | None:
        if standing.busy:
            return Held.BUSY
        if cause is Cause.PLACE:
            return None
        if cause is not Cause.EVACUATE:
            if standing.attempted < self._policy.cool_down:
                return Held.COOL_DOWN
            if self._policy.per_application is not None and standing.moves >= self._policy.per_application:
                return Held.PER_APPLICATION
        if cause is Cause.IMPROVE and standing.resident < self._policy.minimum_stay:
            return Held.MINIMUM_STAY
        return None if self._budget >= 1 else Held.BUDGET

    def _choose(self, standing: Standing, kind: RequestClass) -> tuple[int, float, float | None] | None:
        """The best row, its score, and its gain over where the application is; None when nothing fits."""
        request = with_siblings(standing.request, self._siblings)
        fits = kind.open_to(request, self._snapshot, here=False)
        first, totals = fits & kind.there.first, kind.there.totals
        current = self._snapshot.rows.get(request.current or "", -1)
        stays = False
        if current >= 0:
            here = kind.open_to(request, self._snapshot, here=True)
            stays = fits[current] = here[current]
            first[current] = here[current] & kind.here.first[current]
            totals = totals.copy()
            totals[current] = kind.here.totals[current]
        ranked = first if first.any() else fits
        scores = np.where(ranked, totals, -np.inf)
        row = self._best(scores, request.namespace, request.name, current, request.preferred)
        if not ranked[row]:
            return None
        gain = None
        if stays:
            gain = float(scores[row] - (totals[current] if ranked[current] else self._stickiness))
        return row, float(scores[row]), gain

    def _best(
        self,
        scores: np.ndarray[tuple[int], np.dtype[np.float64]],
        namespace: str,
        name: str,
        current: int,
        preferred: str | None,
    ) -> int:
        """The row that `evaluation.ranking` puts first."""
        asked = self._snapshot.rows.get(preferred or "", -1)
        if asked >= 0 and np.isfinite(scores[asked]):
            return asked
        top = scores.max()
        if current >= 0 and scores[current] == top:
            return current
        equal = np.flatnonzero(scores == top)
        if len(equal) == 1:
            return int(equal[0])
        keys = tie_keys(address_hash(namespace, name), self._snapshot.hashes[equal])
        return int(equal[keys.argmin()])

    def _go(
        self,
        application: int,
        cause: Cause,
        kind: RequestClass,
        row: int,
        score: float,
        gain: float | None,
    ) -> None:
        request = self._standings[application].request
        target = self._snapshot.candidates[row]
        if target.uid == request.current:
            # What made it due was taken by others before it.
            return
        if cause is Cause.IMPROVE and request.preferred != target.uid and (gain or 0) <= self._policy.margin:
            self._plan.stays.append(Stay(application, cause, Held.MARGIN, gain))
            return
        if cause is not Cause.PLACE:
            self._budget -= 1
        needs = request.needs
        self._capacity.reserve(row, on(needs.total, needs.per_node, len(target.nodes)))
        if request.spread is not None and (value := target.labels.get(request.spread.key)) is not None:
            key = (request.spread.group, value)
            self._siblings[key] = self._siblings.get(key, 0) + 1
        self._plan.moves.append(Move(application, cause, request.current, target.uid, score, gain))

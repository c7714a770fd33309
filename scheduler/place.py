"""Placement in its readable form: one pure function from candidates to a decision that explains itself.

It is `decide`, `record` and `render` in one go, for dry runs, what-ifs and tests: what it shows is exactly
what would be recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from scheduler.columns import Snapshot
from scheduler.decide import decide
from scheduler.decision import Decision
from scheduler.filters import FILTERS, Filter
from scheduler.record import recorded
from scheduler.render import render
from scheduler.scorers import Scorer
from scheduler.snapshot import Candidate, Request


def place(
    request: Request,
    candidates: Iterable[Candidate] | Snapshot,
    *,
    now: datetime,
    trigger: str,
    stickiness: float = 0.1,
    filters: Sequence[Filter] = FILTERS,
    scorers: Sequence[Scorer] = (),
) -> Decision:
    """Choose the best candidate that the request's namespace may use, and say why.

    Candidates of other namespaces belong to other tenants unless they grant theirs: they are neither chosen
    nor mentioned. The order of the candidates does not matter. See `decide` for the arguments.
    """
    snapshot = candidates if isinstance(candidates, Snapshot) else Snapshot(candidates)
    outcome = decide(
        request,
        snapshot,
        now=now,
        trigger=trigger,
        stickiness=stickiness,
        filters=filters,
        scorers=scorers,
    )
    return render(recorded(outcome))

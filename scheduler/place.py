"""Placement: one pure function from a snapshot to a decision that explains itself.

The real decision, the dry run and the what-if all call it, so they cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import blake2b

from scheduler.decision import Considered, Decision, FilterVerdict
from scheduler.filters import FILTERS, Filter
from scheduler.scores import score, total
from scheduler.snapshot import Candidate, Request
from scheduler.summary import summarise


def place(
    request: Request,
    candidates: Iterable[Candidate],
    *,
    now: datetime,
    trigger: str,
    stickiness: float = 0.1,
    filters: Sequence[Filter] = FILTERS,
) -> Decision:
    """Choose the best candidate of the request's namespace.

    Candidates of other namespaces belong to other tenants: they are neither chosen nor mentioned. Equal
    scores are settled in favour of the candidate that the application is on, else by `tie_break`. The order
    of the candidates does not matter.

    Args:
        request: what has to be placed.
        candidates: what it could be placed on, as it is now.
        now: the moment of the decision; recorded, nothing is computed from it.
        trigger: what led to the decision; recorded.
        stickiness: weight in favour of the candidate that the application is on.
        filters: requirements that a candidate has to meet.
    """
    own = [candidate for candidate in candidates if candidate.namespace == request.namespace]
    ranking = {candidate.ref: tie_break(request, candidate) for candidate in own}
    considered = [_consider(request, candidate, stickiness, filters) for candidate in own]
    fitting = sorted(
        (entry for entry in considered if entry.fits),
        key=lambda entry: (-(entry.total or 0.0), entry.uid != request.current, ranking[entry.cluster]),
    )
    for rank, entry in enumerate(fitting, start=1):
        entry.rank = rank
    refused = sorted((entry for entry in considered if not entry.fits), key=lambda entry: entry.cluster.name)
    return Decision(
        application=request.ref,
        uid=request.uid,
        at=now,
        trigger=trigger,
        candidates=[*fitting, *refused],
        chosen=fitting[0].cluster if fitting else None,
        margin=_margin(fitting),
        summary=summarise(request, fitting, refused),
    )


def tie_break(request: Request, candidate: Candidate) -> bytes:
    """Key that orders candidates of equal score; the lowest wins.

    It hashes the addresses of both (rendezvous hashing): many applications spread evenly over equal
    candidates, one application always gets the same answer, and a candidate that comes or goes moves no
    application between the others. Addresses and not uids, so that a dry run before the application
    exists gives the answer that its creation will give.
    """
    text = "\n".join((request.namespace, request.name, candidate.kind, candidate.namespace, candidate.name))
    return blake2b(text.encode(), digest_size=16).digest()


def _consider(
    request: Request, candidate: Candidate, stickiness: float, filters: Sequence[Filter]
) -> Considered:
    verdicts = [(filter_.name, filter_.verdict(request, candidate)) for filter_ in filters]
    entry = Considered(
        cluster=candidate.ref,
        uid=candidate.uid,
        verdicts=[
            FilterVerdict(filter=name, passed=verdict.passed, reason=verdict.reason)
            for name, verdict in verdicts
        ],
    )
    if entry.fits:
        entry.scores = list(score(request, candidate, stickiness))
        entry.total = total(entry.scores)
    return entry


def _margin(fitting: Sequence[Considered]) -> float | None:
    totals = [entry.total or 0.0 for entry in fitting[:2]]
    return totals[0] - totals[1] if len(totals) > 1 else None

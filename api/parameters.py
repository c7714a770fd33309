"""Query parameters: those that a route knows, and a clear word about those that it does not."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request

from api.problems import invalid_field
from krake.models.clearing import DeletionPolicy

Watch = Annotated[
    str | None,
    Query(
        description="Stream changes as they happen instead of listing; it counts that the parameter is there."
    ),
]
Heartbeat = Annotated[
    int, Query(ge=0, le=3600, description="Seconds between empty lines while nothing changes; 0 for none.")
]
Since = Annotated[
    int | None,
    Query(
        ge=0,
        description="Watch from this revision on: a list's `metadata.revision`. Now where it is not given.",
    ),
]
OnlyName = Annotated[str | None, Query(alias="name", description="Watch the resource of this name only.")]
Limit = Annotated[
    int | None, Query(ge=1, le=10_000, description="Items on one page; all where it is not given.")
]
Continue = Annotated[
    str | None, Query(alias="continue", description="`metadata.continue` of the page before.")
]

Force = Annotated[
    str | None,
    Query(description="`True` removes the resource at once; what it has on clusters is recorded as orphans."),
]
Policy = Annotated[
    DeletionPolicy | None,
    Query(description="What becomes of the applications on a cluster; `drain` where it is not given."),
]
OrphansOf = Annotated[
    str | None,
    Query(alias="cluster", description="Only the orphans on the cluster of this name."),
]

DryRun = Annotated[
    str | None,
    Query(description="`True` stores nothing: the answer is what would be stored, and the decision."),
]

LIST = frozenset({"watch", "heartbeat", "since", "name", "limit", "continue"})
PAGE = frozenset({"limit", "after"})
DRY_RUN = frozenset({"dry_run"})
DELETE = frozenset({"force", "policy"})
ORPHANS = frozenset({"cluster"})

_LATER = frozenset({"force", "blocking"})
_FALSE = frozenset({"", "false", "0", "none"})
_TRUE = frozenset({"true", "1"})


def is_true(name: str, value: str | None) -> bool:
    """The value of a flag; upstream's clients write `True`.

    Raises:
        ProblemError: 422, it is neither true nor false.
    """
    if value is None or value.lower() in _FALSE:
        return False
    if value.lower() not in _TRUE:
        raise invalid_field(name, "This is neither True nor False")
    return True


def refuse_unknown(request: Request, known: frozenset[str] = frozenset()) -> None:
    """Refuse a request for behaviour that there is not, instead of doing something else.

    Raises:
        ProblemError: 422, naming the parameter.
    """
    for name, value in request.query_params.items():
        if name in known or (name in _LATER and value.lower() in _FALSE):
            continue
        if name in _LATER:
            raise invalid_field(name, "This release does not act on this parameter yet; leave it out")
        expected = f"; known here: {', '.join(sorted(known))}" if known else "; this route has none"
        raise invalid_field(name, f"Unknown parameter{expected}")

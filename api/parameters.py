"""Query parameters: those that a route knows, and a clear word about those that it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Header, Query, Request

from api.problems import invalid_field
from krake.models.clearing import DeletionPolicy

LARGEST_REVISION = 2**63 - 1

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
        le=LARGEST_REVISION,
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
LabelSelector = Annotated[
    str | None,
    Query(
        max_length=4096,
        description="Only resources with such labels: `key=value`, `key!=value`, `key in (a,b)`, "
        "`key notin (a,b)`, `key`, `!key`; several with commas.",
    ),
]
FieldSelector = Annotated[
    str | None,
    Query(
        max_length=4096,
        description="Only resources with such values: `field=value`, `field!=value`; several with commas. "
        "Fields: `metadata.name`, `metadata.namespace`, `metadata.uid`, `status.state`, "
        "`status.scheduled_to.name`.",
    ),
]
LastEventId = Annotated[
    int | None,
    Header(
        alias="Last-Event-ID",
        ge=0,
        le=LARGEST_REVISION,
        description="As `since`, and wins over it: what browsers send when they reconnect.",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description="Only if the resource still has this ETag; else 412."),
]
IfNoneMatch = Annotated[
    str | None,
    Header(alias="If-None-Match", description="ETag that the client has; 304 if it is still the one."),
]
Blocking = Annotated[
    str | None,
    Query(
        description="A state: the answer waits until the resource has it, 60 s at most. A deletion waits for "
        "its end, whatever the value."
    ),
]

Force = Annotated[
    str | None,
    Query(description="`True` removes the resource at once; what it has on clusters is recorded as orphans."),
]
Policy = Annotated[
    DeletionPolicy | None,
    Query(
        description="What becomes of the applications on a cluster; `drain` where it is not given. Clouds "
        "and infrastructure providers in use are deleted with `cascade` only, after the clusters made there."
    ),
]
OrphansOf = Annotated[
    str | None,
    Query(alias="cluster", description="Only the orphans on the cluster of this name."),
]

DryRun = Annotated[
    str | None,
    Query(description="`True` stores nothing: the answer is what would be stored, and the decision."),
]


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a list or a watch is asked for."""

    watch: str | None
    heartbeat: int
    since: int | None
    name: str | None
    limit: int | None
    after: str | None
    label_selector: str | None
    field_selector: str | None


def list_query(
    watch: Watch = None,
    heartbeat: Heartbeat = 10,
    since: Since = None,
    name: OnlyName = None,
    limit: Limit = None,
    after: Continue = None,
    label_selector: LabelSelector = None,
    field_selector: FieldSelector = None,
    last_event_id: LastEventId = None,
) -> ListQuery:
    """The parameters of a list, for the routes to depend on."""
    start = since if last_event_id is None else last_event_id
    return ListQuery(watch, heartbeat, start, name, limit, after, label_selector, field_selector)


LIST = frozenset(
    {"watch", "heartbeat", "since", "name", "limit", "continue", "label_selector", "field_selector"}
)
PAGE = frozenset({"limit", "after"})
DRY_RUN = frozenset({"dry_run"})
WRITE = frozenset({"dry_run", "blocking"})
DELETE = frozenset({"force", "policy", "dry_run", "blocking"})
ORPHANS = frozenset({"cluster"})

_HARMLESS = frozenset({"force", "blocking"})
"""What upstream's clients send along wherever they delete or write: without effect it does no harm."""
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
        if name in known or (name in _HARMLESS and value.lower() in _FALSE):
            continue
        expected = f"; known here: {', '.join(sorted(known))}" if known else "; this route has none"
        raise invalid_field(name, f"Unknown parameter{expected}")

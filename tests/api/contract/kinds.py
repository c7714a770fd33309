"""What every kind of resources is served with: its collection, one of it, its history, its status."""

from __future__ import annotations

from collections.abc import Iterator

from krake.models.kinds import Kind
from tests.api.contract.outcomes import Body, Expected, Route, example
from tests.api.contract.rows import (
    EXISTS,
    NO_NAME,
    NOT_FOUND,
    READS,
    TRANSACTION,
    UPDATE,
    made_of,
    not_found,
    row,
    unknown_parameter,
)


def kind_rows(kind: Kind) -> Iterator[Route]:
    """The collection, one resource of it, and its history."""
    yield from _collections(kind)
    yield from _one(kind)
    yield from _history(kind)


def _collections(kind: Kind) -> Iterator[Route]:
    body, made = example(kind.name), made_of(kind)
    yield row(
        "POST",
        kind.collection,
        success=Expected(201, body=body),
        missing="a namespace is there as soon as it is named",
        conflict=Expected(409, EXISTS, before=(made,), body=body),
        invalid=Expected(422, body=example(kind.name, surprise=1)),
    )
    for path in dict.fromkeys((kind.collection, kind.everything)):
        yield row(
            "GET",
            path,
            success=Expected(200, before=(made,), query={"label_selector": "!nothing", "limit": "1"}),
            missing=NO_NAME,
            conflict=Expected(410, query={"watch": "", "since": "9999999"}),
            invalid=Expected(422, query={"field_selector": "spec.surprise=1"}),
        )


def _one(kind: Kind) -> Iterator[Route]:
    one, made, body = f"{kind.collection}/{{name}}", made_of(kind), example(kind.name)
    outdated = {"If-Match": '"0"'}
    yield row(
        "GET",
        one,
        success=Expected(200, before=(made,)),
        missing=not_found(),
        conflict=READS,
        invalid=unknown_parameter(made),
    )
    yield row(
        "PUT",
        one,
        success=Expected(200, before=(made,), body=body),
        missing=not_found(body),
        conflict=Expected(412, TRANSACTION, before=(made,), body=body, headers=outdated),
        invalid=Expected(422, before=(made,), body=example(kind.name, surprise=1)),
    )
    yield row(
        "DELETE",
        one,
        success=Expected(200, before=(made,)),
        missing=not_found(),
        conflict=Expected(412, TRANSACTION, before=(made,), headers=outdated),
        invalid=Expected(422, before=(made,), query={"dry_run": "perhaps"}),
    )


def _history(kind: Kind) -> Iterator[Route]:
    one, made = f"{kind.collection}/{{name}}", made_of(kind)
    paths = ["events"]
    if kind.lifecycle:
        paths.append("decisions")
        yield row(
            "GET",
            f"{one}/operations",
            success=Expected(503, before=(made,)),
            missing=not_found(),
            conflict=READS,
            invalid=unknown_parameter(made),
        )
        yield row(
            "GET",
            f"{one}/decisions/{{number}}",
            success="needs a decision: tests/api/test_operations.py",
            missing=Expected(404, NOT_FOUND, before=(made,)),
            conflict=READS,
            invalid=unknown_parameter(made),
        )
    for path in paths:
        yield row(
            "GET",
            f"{one}/{path}",
            success=Expected(200, before=(made,)),
            missing=not_found(),
            conflict=READS,
            invalid=Expected(422, before=(made,), query={"limit": "0"}),
        )


def _with_status(kind: Kind, **status: object) -> Body:
    body = example(kind.name)
    return lambda place: {**body(place), "status": status}


def status_row(kind: Kind) -> Route:
    """The status of a kind that others may write."""
    made = made_of(kind)
    at_work = Expected(409, UPDATE, before=(made,), body=_with_status(kind, message="seen"))
    return row(
        "PUT",
        f"{kind.collection}/{{name}}/status",
        success=Expected(200, before=(made,), body=_with_status(kind)),
        missing=not_found(_with_status(kind)),
        conflict=at_work if kind.lifecycle else "nobody is at work on it",
        invalid=Expected(422, before=(made,), body=_with_status(kind, state="SURPRISED")),
    )

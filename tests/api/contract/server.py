"""What is no part of one resource: the server itself, who may what, and what is asked of all at once."""

from __future__ import annotations

from collections.abc import Iterator

from tests.api.contract.outcomes import Expected, Route, constant
from tests.api.contract.rows import (
    NO_NAME,
    NOT_FOUND,
    READS,
    UNKNOWN_PARAMETER,
    UPDATE,
    row,
    unknown_parameter,
)


def orphan_rows() -> Iterator[Route]:
    """What was left on clusters, and its collection."""
    for path in ("/core/orphans", "/core/namespaces/{namespace}/orphans"):
        yield row(
            "GET",
            path,
            success=Expected(200),
            missing=NO_NAME,
            conflict=READS,
            invalid=unknown_parameter(),
        )
        yield row(
            "PUT",
            f"{path}/collect",
            success=Expected(202),
            missing=Expected(404, NOT_FOUND, query={"cluster": "nowhere"})
            if "namespaces" in path
            else "clusters of all namespaces are meant",
            conflict="collecting twice does no harm",
            invalid=unknown_parameter(),
        )


def server_rows() -> Iterator[Route]:
    """What the server is and whether it is well."""
    statuses = {"/": 200, "/release": 202, "/me": 200, "/healthz": 200, "/readyz": 503}
    for path, status in statuses.items():
        words = "it says what the server is"
        yield row("GET", path, success=Expected(status), missing=words, conflict=words, invalid=words)


def authorization_rows() -> Iterator[Route]:
    """What one may do oneself."""
    own = "everybody may ask about themselves"
    asked = {"verb": "get", "resource": "applications"}
    questions = {"can-i": asked, "permissions": {}}
    for path, query in questions.items():
        yield row(
            "GET",
            f"/authorization/{path}",
            success=Expected(200, query=query),
            missing=own,
            conflict=own,
            invalid=Expected(422, query={**query, **UNKNOWN_PARAMETER}),
        )


def rebalance_row() -> Route:
    """A look at all applications."""
    return row(
        "POST",
        "/kubernetes/rebalance",
        success=Expected(503, query={"dry_run": "True"}),
        missing="all applications are meant",
        conflict="looking twice does no harm",
        invalid=unknown_parameter(),
    )


def guarded_rows() -> Iterator[Route]:
    """The record of who did what, payloads of histories, and the events of a namespace."""
    yield row(
        "GET",
        "/core/audit",
        success=Expected(200),
        missing="the record is always there",
        conflict=READS,
        invalid=unknown_parameter(),
    )
    for action in ("encode", "decode"):
        yield row(
            "POST",
            f"/temporal/codec/{action}",
            success=Expected(200, body=constant({"payloads": []})),
            missing="there is nothing to find",
            conflict="nothing is stored",
            invalid=Expected(422, body=constant([])),
        )
    yield row(
        "GET",
        "/core/namespaces/{namespace}/events",
        success=Expected(200, query={"last": "5"}),
        missing="a namespace is there as soon as it is named",
        conflict=READS,
        invalid=Expected(422, query={"limit": "0"}),
    )
    yield row(
        "POST",
        "/temporal/codec/ticket",
        success="needs a token: tests/api/test_codec_login.py",
        missing="there is nothing to find",
        conflict=Expected(409, UPDATE),
        invalid=unknown_parameter(),
    )
    yield row(
        "GET",
        "/temporal/codec/login",
        success="needs a ticket: tests/api/test_codec_login.py",
        missing="there is nothing to find",
        conflict=Expected(401, query={"ticket": "used"}),
        invalid=unknown_parameter(),
    )

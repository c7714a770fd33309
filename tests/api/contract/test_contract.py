"""Every route, every method, every outcome, on both databases."""

from __future__ import annotations

from itertools import count

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.deps import Services
from krake.setting_groups.api import AuthenticationWay
from tests.api.contract.outcomes import Body, Call, Expected, Outcome, Place, Route
from tests.api.contract.table import rows

ROWS = rows()
_HOOKS = "/kubernetes/namespaces/{namespace}/applications/{name}/"
UNAUTHENTICATED = frozenset({"/healthz", "/readyz", f"{_HOOKS}complete", f"{_HOOKS}shutdown"})
"""What needs no credential: probes, and hooks, whose credential is the token in the body."""
UNAUTHORISED = UNAUTHENTICATED | {
    "/",
    "/me",
    "/release",
    "/authorization/can-i",
    "/authorization/permissions",
    "/temporal/codec/login",
}
"""What everybody may call who has one."""
BASE = "https://rak-n-rok.readthedocs.io/projects/krake/en/latest/user/problem.html#"

_numbers = count()


async def _send(client: httpx.AsyncClient, call: Call, place: Place) -> httpx.Response:
    body: Body | None = call.body
    return await client.request(
        call.method,
        place.of(call.path),
        json=body(place) if body is not None else None,
        params=dict(call.query),
        headers=dict(call.headers),
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} {row.path}")
async def test_contract(caller: httpx.AsyncClient, row: Route) -> None:
    for outcome, expected in row.outcomes.items():
        if isinstance(expected, Expected):
            await _check(caller, row, outcome, expected)


async def _check(caller: httpx.AsyncClient, row: Route, outcome: Outcome, expected: Expected) -> None:
    number = next(_numbers)
    place = Place(f"space-{number}", f"thing-{number}")
    for call in expected.before:
        made = await _send(caller, call, place)
        assert made.is_success, f"{outcome}: {made.text}"
    call = Call(row.method, row.path, expected.body, expected.query, expected.headers)
    answer = await _send(caller, call, place)
    assert answer.status_code == expected.status, f"{outcome}: {answer.text}"
    if answer.status_code >= 400 and row.path != "/readyz":
        _check_problem(answer, expected, place.of(row.path))


def _check_problem(answer: httpx.Response, expected: Expected, path: str) -> None:
    """RFC 9457, with upstream's titles and anchors."""
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == expected.status
    assert problem["instance"] == path
    assert problem["detail"]
    assert problem.get("title") == expected.title
    anchor = expected.title.lower().replace("_", "-") if expected.title else None
    assert problem["type"] == (f"{BASE}{anchor}" if anchor else "about:blank")
    if expected.status == 422:
        assert all(error["message"] for error in problem["errors"])


def test_the_table_has_every_route_and_no_other(shared_app: FastAPI) -> None:
    served = {(path, method) for path, methods in shared_app.openapi()["paths"].items() for method in methods}
    keys = [row.key for row in ROWS]
    assert len(keys) == len(set(keys))
    assert served == set(keys)
    assert all(set(row.outcomes) == set(Outcome) for row in ROWS)


async def test_who_may_nothing_is_refused_everywhere_but_where_all_may(shared_app: FastAPI) -> None:
    """The columns "unauthenticated" and "forbidden": they are the same for every row."""
    parts: Services = shared_app.state.services
    for changes, status, everybody in (
        ({"authentication": [AuthenticationWay.TOKENS]}, 401, UNAUTHENTICATED),
        ({"authorization": "always-deny"}, 403, UNAUTHORISED),
    ):
        settings = parts.settings.model_copy(update=changes)
        app = create_app(settings, parts.store, parts.temporal)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api") as client:
            for row in ROWS:
                place = Place("testing", "thing")
                answer = await _send(client, Call(row.method, row.path, lambda _: {}), place)
                # A hook refuses its own token in the same way.
                refused = answer.status_code == status and "for this hook" not in answer.text
                assert refused is (row.path not in everybody), (row.key, answer.status_code)
                if refused:
                    _check_problem(answer, Expected(status), place.of(row.path))

"""No route is forgotten: each says what it needs, of resources that roles can name."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.routing import Route

from api.app import create_app
from api.authorization.routes import Access, access_of, exempt, filtered, needs
from krake.models.kinds import KINDS
from krake.models.permissions import RESOURCES, VERBS, Verb
from krake.secrets import Cipher, new_key
from krake.settings import Settings
from krake.store import Store
from krake.temporal import connect
from tests.api.authorization.callers import Guarded

PUBLIC = {"/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc"}
"""Pages that tell of the API's form only."""
_APPLICATION = "/kubernetes/namespaces/{namespace}/applications/{name}"
_CLUSTER = "/kubernetes/namespaces/{namespace}/clusters/{name}"
EXEMPT = {
    ("GET", "/"),
    ("GET", "/me"),
    ("GET", "/release"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/authorization/can-i"),
    ("GET", "/authorization/permissions"),
    ("GET", "/temporal/codec/login"),
    ("GET", "/core/namespaces/{namespace}/events"),
    ("PUT", f"{_APPLICATION}/complete"),
    ("PUT", f"{_APPLICATION}/shutdown"),
}
"""The only routes that everyone may call; what a hook may do, its token says."""
JUDGES_ITSELF = {("GET", "/core/namespaces/{namespace}/events")}
"""Those of them that look at several kinds, and refuse whoever may see none of them."""
FILTERED = {
    *(("GET", kind.everything) for kind in KINDS.values() if kind.namespaced),
    ("GET", "/core/orphans"),
    ("PUT", "/core/orphans/collect"),
}
"""The routes over all namespaces that leave out what the caller may not see."""


@pytest.fixture(scope="module")
async def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The application with all its routes; nothing is asked of it."""
    settings = Settings(state_dir=tmp_path_factory.mktemp("state"), temporal_address="127.0.0.1:1")
    store = Store.open(settings.store_url, Cipher.from_keys([new_key()]))
    return create_app(settings, store, await connect(settings, lazy=True))


def table(app: FastAPI) -> dict[tuple[str, str], Access]:
    """What every route of the application needs."""
    found: dict[tuple[str, str], Access] = {}
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        assert isinstance(route, Route), f"{route} cannot be checked"
        if isinstance(route, APIRoute):
            for method in route.methods or ():
                found[method, route.path] = access_of(method, route.path, route.endpoint)
        else:
            assert route.path in PUBLIC, f"{route.path} is not an API route: who may call it?"
    return found


def test_every_route_needs_something_that_roles_can_grant(app: FastAPI) -> None:
    forgotten = []
    for (method, path), access in table(app).items():
        need = access.need
        if need is None:
            continue
        known = RESOURCES.get(need.api, {}).get(need.resource)
        if known is None or need.verb not in VERBS:
            forgotten.append(f"{method} {path}: no such resource: {need}")
        elif need.subresource and need.subresource not in known.subresources:
            forgotten.append(f"{method} {path}: add '{need.subresource}' to krake.models.permissions")
    assert not forgotten


def test_exemptions_are_these_and_no_others(app: FastAPI) -> None:
    found = {key: access.reason for key, access in table(app).items() if access.need is None}
    assert set(found) == EXEMPT
    assert all(found.values())


def test_the_routes_that_filter_are_these_and_no_others(app: FastAPI) -> None:
    assert {key for key, access in table(app).items() if access.filtered} == FILTERED


def test_every_operation_of_the_api_is_among_them(app: FastAPI) -> None:
    """The walk misses none that the OpenAPI document knows."""
    described = {(method.upper(), path) for path, found in app.openapi()["paths"].items() for method in found}
    assert described <= set(table(app))


def test_the_authorisation_is_a_dependency_of_every_route(app: FastAPI) -> None:
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute):
            calls = [item.call.__name__ for item in context.dependant.dependencies if item.call]
            assert calls.count("authorize_request") == 1, context.path


EXPECTED = [
    ("POST", "/kubernetes/namespaces/{namespace}/applications", "create kubernetes/applications"),
    ("GET", "/kubernetes/namespaces/{namespace}/applications", "list kubernetes/applications"),
    ("GET", "/kubernetes/applications", "list_all kubernetes/applications"),
    ("GET", _APPLICATION, "get kubernetes/applications"),
    ("PUT", _APPLICATION, "update kubernetes/applications"),
    ("DELETE", _APPLICATION, "delete kubernetes/applications"),
    ("GET", f"{_APPLICATION}/events", "get kubernetes/applications/events"),
    ("GET", f"{_APPLICATION}/operations", "get kubernetes/applications/operations"),
    ("GET", f"{_APPLICATION}/decisions", "get kubernetes/applications/decisions"),
    ("GET", f"{_APPLICATION}/decisions/{{number}}", "get kubernetes/applications/decisions"),
    ("POST", f"{_APPLICATION}/decisions", "get kubernetes/applications/decisions"),
    ("GET", f"{_APPLICATION}/history", "get kubernetes/applications/history"),
    ("GET", f"{_APPLICATION}/history/{{generation}}", "get kubernetes/applications/history"),
    ("GET", f"{_APPLICATION}/diff", "get kubernetes/applications/diff"),
    ("PUT", f"{_APPLICATION}/rollback", "update kubernetes/applications/rollback"),
    ("PUT", f"{_APPLICATION}/migration", "update kubernetes/applications/migration"),
    ("DELETE", f"{_APPLICATION}/migration", "update kubernetes/applications/migration"),
    ("PUT", f"{_APPLICATION}/retry", "update kubernetes/applications/retry"),
    ("PUT", f"{_CLUSTER}/cordon", "update kubernetes/clusters/cordon"),
    ("PUT", f"{_CLUSTER}/drain", "update kubernetes/clusters/drain"),
    ("GET", "/kubernetes/namespaces/{namespace}/capacity", "list kubernetes/clusters/capacity"),
    ("GET", "/core/orphans", "list_all core/orphans"),
    ("GET", "/core/namespaces/{namespace}/orphans", "list core/orphans"),
    ("PUT", "/core/orphans/collect", "update core/orphans/collect"),
    ("GET", "/core/roles", "list core/roles"),
    ("GET", "/core/roles/{name}", "get core/roles"),
    ("DELETE", "/core/rolebindings/{name}", "delete core/rolebindings"),
]


def test_what_routes_need(app: FastAPI) -> None:
    found = {key: access.need for key, access in table(app).items()}
    told = [
        (method, path, f"{need.verb} {need.words}")
        for method, path, _ in EXPECTED
        if (need := found[method, path])
    ]
    assert told == EXPECTED


async def _endpoint() -> None:
    """A route of some colleague."""


@pytest.mark.parametrize("path", ["/", "/something", "/core", "/a/b/c/d/e", "/core/namespaces/{namespace}"])
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_a_route_that_nobody_thought_of_is_for_those_who_may_do_everything(method: str, path: str) -> None:
    need = access_of(method, path, _endpoint).need
    assert need is not None
    assert need.resource not in RESOURCES.get(need.api, {})


def test_what_is_said_at_an_endpoint_wins() -> None:
    async def free() -> None: ...

    async def other() -> None: ...

    async def over_all() -> None: ...

    assert access_of("GET", "/x", exempt("because")(free)) == Access(None, reason="because")
    need = access_of("POST", "/core/metrics", needs(Verb.GET, "roles")(other)).need
    assert need is not None
    assert (need.verb, need.words) == (Verb.GET, "core/roles")
    access = access_of("GET", "/core/metrics", filtered(over_all))
    assert access.filtered
    assert access.to_watch().need != access.need


async def test_whoever_has_no_role_is_refused_everywhere(shared: Guarded) -> None:
    place = {"namespace": "a", "name": "x", "number": 1, "generation": 1}
    for (method, path), access in table(shared.app).items():
        answer = await shared.ask("nobody", method, path.format(**place))
        refused = access.need is not None or (method, path) in JUDGES_ITSELF
        assert (answer.status_code == 403) is refused, (method, path, answer.text)


def test_every_kind_can_be_named_in_a_role() -> None:
    for kind in KINDS.values():
        assert RESOURCES[kind.api][kind.plural].namespaced is kind.namespaced

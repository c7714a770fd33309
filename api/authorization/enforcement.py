"""The authorisation of every request: one dependency of the whole application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Request

from api.authorization.reach import Reach
from api.authorization.routes import Access, access_of
from api.deps import info, services


async def authorize_request(request: Request) -> None:
    """Let a request pass, and note what its answer may speak of.

    Raises:
        ProblemError: the user may not do that.
    """
    access = _access(request)
    if access.need is None:
        return
    if request.scope["query_string"] and "watch" in request.query_params:
        access = access.to_watch()
    about = info(request)
    look = _look(request, access)
    about.reach = await look()
    about.look_again = look


def _access(request: Request) -> Access:
    known: dict[tuple[str, str], Access] = request.app.state.access
    route = request.scope["route"]
    key = (request.method, route.path)
    if key not in known:
        known[key] = access_of(*key, route.endpoint)
    return known[key]


def _look(request: Request, access: Access) -> Callable[[], Awaitable[Reach]]:
    """Asks the same again, for answers that go on."""
    assert access.need is not None
    need, user, path = access.need, info(request).user, request.path_params
    authorizer = services(request).authorizer
    namespace, name = path.get("namespace"), path.get("name")

    async def look() -> Reach:
        return await authorizer.authorize(user, need, namespace, name, partly=access.filtered)

    return look

"""The authorisation of every request: one dependency of the whole application."""

from __future__ import annotations

from fastapi import Request

from api.authorization.routes import Access, access_of
from api.authorization.standing import Standing
from api.deps import info


async def authorize_request(request: Request) -> None:
    """Let a request pass, and note what its answer may speak of.

    Raises:
        ProblemError: the user may not do that.
    """
    access = _access(request)
    if request.scope["query_string"] and "watch" in request.query_params:
        access = access.to_watch()
    if access.need is None:
        return
    about = info(request)
    look = Standing(request, access.need, request.path_params, partly=access.filtered)
    about.reach = await look()
    about.look_again = look


def _access(request: Request) -> Access:
    known: dict[tuple[str, str], Access] = request.app.state.access
    route = request.scope["route"]
    key = (request.method, route.path)
    if key not in known:
        known[key] = access_of(*key, route.endpoint)
    return known[key]

"""What surrounds every request: its id, its user, its metrics, its log line, and the net under bugs."""

from __future__ import annotations

import re
import time
from http import HTTPStatus
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.authentication import User
from api.characters import refuse_nul
from api.deps import RequestInfo, Services
from api.problems import ProblemError
from api.problems import response as problem_response
from api.ratelimit import RateLimit

HEADER = "X-Request-ID"
NO_ROUTE = "none"

_SANE_ID = re.compile(r"[\w\-.:]{1,128}", re.ASCII)
_UNREMARKABLE = frozenset({"/healthz", "/readyz", "/metrics"})

_log = structlog.get_logger("api.request")


class Surrounding:
    """The one middleware, written against ASGI itself because every request pays for it."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._services = services
        self._limit = RateLimit.of(services.settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        headers = Headers(scope=scope)
        request = RequestInfo(_request_id(headers))
        scope["krake"] = request
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request.id
            await send(message)

        with self._services.metrics.in_flight.track_inprogress():
            try:
                request.user = await self._authenticated(scope)
                self._limit.check(request.user.name, scope)
                refuse_nul(scope)
                await self._app(scope, receive, send_with_id)
            except ProblemError as problem:
                await self._answer(problem, scope, receive, send_with_id)
            except ClientDisconnect:
                _log.debug("the client went away", request_id=request.id, path=scope["path"])
            except Exception:
                _log.exception("request failed", request_id=request.id, path=scope["path"])
                if status:
                    raise
                await self._answer(_mistake(request.id), scope, receive, send_with_id)
            finally:
                self._account(scope, request, status, time.perf_counter() - started)

    async def _authenticated(self, scope: Scope) -> User:
        """Who makes the request.

        Raises:
            ProblemError: 401, its credential is refused; 429, too many were that came from there; 503, nobody
                can tell now.
        """
        try:
            return await self._services.authenticate(scope)
        except ProblemError as problem:
            if problem.status is HTTPStatus.UNAUTHORIZED:
                self._limit.check_stranger(scope)
            raise

    async def _answer(self, problem: ProblemError, scope: Scope, receive: Receive, send: Send) -> None:
        answer = problem_response(
            problem,
            base_url=self._services.settings.problem_base_url,
            instance=scope["path"],
            request_id=scope["krake"].id,
        )
        await answer(scope, receive, send)

    def _account(self, scope: Scope, request: RequestInfo, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", NO_ROUTE)
        self._services.metrics.observe(scope["method"], route, status, seconds, streamed=request.streamed)
        log = _log.debug if scope["path"] in _UNREMARKABLE else _log.info
        log(
            "request",
            request_id=request.id,
            method=scope["method"],
            path=scope["path"],
            status=status,
            milliseconds=round(seconds * 1000, 1),
            user=request.user.name,
        )


def _mistake(request_id: str) -> ProblemError:
    return ProblemError(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        f"The server made a mistake. Its log says more under the request id {request_id}",
    )


def _request_id(headers: Headers) -> str:
    """The caller's id where it gives a sane one, so that it can be followed through; else a new one."""
    given = headers.get(HEADER, "")
    return given if _SANE_ID.fullmatch(given) else uuid4().hex

"""The API application: routes, error answers and what runs beside the requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from http import HTTPStatus
from importlib.metadata import version

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from temporalio.client import Client

from api.ages import AgeReader
from api.audit_recorder import AuditRecorder
from api.auditing import Auditing
from api.authentication import authenticator
from api.authentication.browser import BrowserLogins
from api.authorization.authorizer import Authorizer
from api.authorization.enforcement import authorize_request
from api.compression import Compression
from api.cors import CodecCors, origins_of
from api.deps import Services, info, services
from api.feed import Feeds
from api.metrics import Metrics
from api.middleware import Surrounding
from api.openapi import complete_document
from api.openapi_security import describe_security
from api.problems import FieldError, ProblemError, from_krake_error, invalid_fields
from api.problems import response as problem_response
from api.routes.audit import router as audit
from api.routes.authorization import router as authorization
from api.routes.capacity import router as capacity
from api.routes.clusters import router as clusters
from api.routes.codec import router as codec
from api.routes.codec_login import router as codec_login
from api.routes.diff import router as diff
from api.routes.generations import router as generations
from api.routes.history import HistoryRoutes
from api.routes.hooks import router as hooks
from api.routes.migration import router as migration
from api.routes.misc import router as misc
from api.routes.namespace_events import router as namespace_events
from api.routes.orphans import router as orphans
from api.routes.rebalance import router as rebalance
from api.routes.resources import ResourceRoutes
from api.routes.subresources import subresources
from api.routes.what_if import router as what_if
from api.waker import Waker
from krake.errors import KrakeError
from krake.messages.base import Target
from krake.models.kinds import KINDS
from krake.payloads import EncryptingCodec
from krake.settings import Settings
from krake.store.store import Store
from krake.temporal import confirm_shutdown, wake

DRAIN_SECONDS = 5.0
"""How long the shutdown waits for wake-ups to be sent; the sweep finds what is left."""
CONFIRMERS = 2
"""Confirmations of shutdowns that are sent at the same time."""

_DESCRIPTION = """\
Places applications on Kubernetes clusters, runs and watches them.

Errors are [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) problem documents. Every answer has an
`X-Request-ID`, which the server's logs and the resources' events carry too.
"""


def create_app(settings: Settings, store: Store, temporal: Client) -> FastAPI:
    """The API on a store and a connection to Temporal, both of which stay the caller's to close."""
    parts = _services(settings, store, temporal)
    app = FastAPI(
        title="Krake",
        version=version("krake"),
        description=_DESCRIPTION,
        lifespan=_lifespan,
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    app.state.services = parts
    app.state.access = {}
    app.add_middleware(Compression)
    app.add_middleware(Surrounding, services=parts)
    app.add_middleware(Auditing, recorder=parts.audit)
    app.add_middleware(CodecCors, ui_url=settings.temporal_ui_url)
    app.router.routes.extend(_routes())
    _add_error_answers(app)
    complete_document(app)
    describe_security(app, settings)
    return app


def _services(settings: Settings, store: Store, temporal: Client) -> Services:
    """What requests are served with."""

    async def send_wake(target: Target, cause: str) -> None:
        await wake(temporal, target, cause)

    async def send_confirmation(target: Target, cause: str) -> None:
        await confirm_shutdown(temporal, target)

    metrics = Metrics()
    ages = AgeReader(store, settings.stale_after)
    browsers = _browser_logins(settings, temporal)
    return Services(
        settings=settings,
        store=store,
        temporal=temporal,
        authenticate=authenticator(settings, store, browsers),
        browsers=browsers,
        authorizer=Authorizer(settings, store),
        waker=Waker(send_wake, metrics),
        feeds=Feeds(store, ages),
        ages=ages,
        confirmer=Waker(send_confirmation, metrics, in_flight=CONFIRMERS),
        metrics=metrics,
        audit=AuditRecorder(store.audit),
    )


def _browser_logins(settings: Settings, temporal: Client) -> BrowserLogins:
    codec = temporal.data_converter.payload_codec
    cipher = codec.cipher if isinstance(codec, EncryptingCodec) else None
    return BrowserLogins(cipher, origins_of(settings.temporal_ui_url))


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    parts: Services = app.state.services
    authenticate = parts.authenticate
    parts.waker.start()
    parts.confirmer.start()
    parts.audit.start()
    yield
    parts.feeds.close()
    await asyncio.gather(
        parts.waker.close(DRAIN_SECONDS),
        parts.confirmer.close(DRAIN_SECONDS),
        parts.audit.close(DRAIN_SECONDS),
    )
    await authenticate.close()


@cache
def _routes() -> list[BaseRoute]:
    """All routes, made once: they belong to no application, and making them takes longer than serving many
    requests.

    What every request depends on has to be a dependency of this router: those of a `FastAPI` object are not
    asked here.
    """
    everything = APIRouter(dependencies=[Depends(authorize_request)])
    alone = (misc, authorization, generations, diff, clusters, capacity, rebalance, orphans, hooks)
    for router in (*alone, audit, codec, codec_login, namespace_events):
        everything.include_router(router)
    for kind in KINDS.values():
        everything.include_router(ResourceRoutes(kind).router)
        everything.include_router(HistoryRoutes(kind).router)
    for router in (*subresources(), migration, what_if):
        everything.include_router(router)
    return everything.routes


def _add_error_answers(app: FastAPI) -> None:
    async def answer_problem(request: Request, error: Exception) -> Response:
        problem = _problem_of(error)
        if problem is None:
            raise error
        return problem_response(
            problem,
            base_url=services(request).settings.problem_base_url,
            instance=request.url.path,
            request_id=info(request).id,
        )

    for kind in (ProblemError, KrakeError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, answer_problem)


def _problem_of(error: Exception) -> ProblemError | None:
    """What a client is told of an error; None for a bug, which only the log tells."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, KrakeError):
        return from_krake_error(error)
    if isinstance(error, RequestValidationError):
        return invalid_fields(
            [FieldError(field=str(item["loc"][-1]), message=item["msg"]) for item in error.errors()]
        )
    if isinstance(error, HTTPException):
        return ProblemError(HTTPStatus(error.status_code), _words(error), headers=error.headers)
    return None


def _words(error: HTTPException) -> str:
    if error.status_code == HTTPStatus.NOT_FOUND:
        return "Nothing is served under this path; GET /docs lists what there is"
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {}).get("Allow", "")
        return f"This path does not take this method; it takes {allowed}"
    return str(error.detail)

"""Version, who am I, health and metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from http import HTTPStatus
from importlib.metadata import version
from typing import Literal

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from temporalio.service import RPCError

from api.answers import json_response
from api.authorization.routes import exempt
from api.deps import info, services
from api.openapi import answers
from krake.errors import KrakeError

CHECK_SECONDS = 2.0
OK = "ok"

_log = structlog.get_logger("api.readiness")

router = APIRouter(tags=["server"])


class Version(BaseModel):
    """The server's version."""

    version: str


class Me(BaseModel):
    """Who the server takes the caller for."""

    user: str
    groups: list[str]
    roles: list[str]


class Alive(BaseModel):
    """That the process answers."""

    status: Literal["ok"]


class Readiness(BaseModel):
    """Whether requests can be served, and which part fails where they cannot."""

    status: Literal["ok", "failing"]
    checks: dict[str, str]
    """`ok`, or what is wrong, for each part."""


@router.get("/", summary="The server's version", responses=answers(Version, "The version."))
@exempt("everyone may know which release answers")
async def read_version() -> Response:
    """The version of Krake that answers."""
    return json_response({"version": version("krake")})


@router.get(
    "/release",
    summary="The server's release, as plain text",
    status_code=HTTPStatus.ACCEPTED,
    response_class=PlainTextResponse,
    responses={202: {"description": "The release."}},
)
@exempt("it says what the server is")
async def read_release() -> Response:
    """For clients of the original Krake, which answers so."""
    return PlainTextResponse(f"Krake {version('krake')}\n", HTTPStatus.ACCEPTED)


@router.get("/me", summary="Who am I", responses=answers(Me, "The user, its groups and its roles."))
@exempt("it tells the caller about themselves")
async def read_me(request: Request) -> Response:
    """Who the server takes the caller for, with the names of groups and roles, sorted."""
    user = info(request).user
    roles = (await services(request).authorizer.grants(user)).roles
    return json_response({"user": user.name, "groups": sorted(user.groups), "roles": sorted(roles)})


@router.get("/healthz", summary="Is the process alive", responses=answers(Alive, "It is."))
@exempt("probes have no user")
async def read_health() -> Response:
    """Answers as long as the process works at all; says nothing of what it depends on."""
    return json_response({"status": OK})


@router.get(
    "/readyz",
    summary="Can requests be served",
    responses=answers(Readiness, "All parts answer.") | answers(Readiness, "A part does not answer.", 503),
)
@exempt("probes have no user")
async def read_readiness(request: Request) -> Response:
    """Asks the store and Temporal, each with a deadline, and says which of them fails."""
    found = services(request)
    store, temporal = await asyncio.gather(
        _check(found.store.ping()),
        _check(found.temporal.service_client.check_health(timeout=timedelta(seconds=CHECK_SECONDS))),
    )
    works = store == temporal == OK
    content = {"status": OK if works else "failing", "checks": {"store": store, "temporal": temporal}}
    return json_response(content, HTTPStatus.OK if works else HTTPStatus.SERVICE_UNAVAILABLE)


@router.get("/metrics", summary="Metrics for Prometheus", response_class=Response, include_in_schema=False)
@exempt("it counts, and names no resource")
async def read_metrics(request: Request) -> Response:
    """Requests, wake-ups, watches, and resources by state, in Prometheus' text format."""
    found = services(request)
    return Response(await found.metrics.expose(found.store), media_type=CONTENT_TYPE_LATEST)


async def _check(answer: Awaitable[object]) -> str:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return OK if await answer in (None, True) else "not serving"
    except TimeoutError:
        return f"no answer within {CHECK_SECONDS:g} s"
    except KrakeError as error:
        return error.what
    except (RPCError, RuntimeError):
        return "cannot be reached"
    except Exception as error:
        _log.exception("a readiness check failed")
        return type(error).__name__

"""The hooks of applications, and `retry`."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api import hooks
from api.answers import resource_response
from api.authorization.routes import exempt
from api.body import read_document
from api.deps import info, services
from api.openapi import answers, body_of, problems
from api.parameters import refuse_unknown
from krake.models.hooks import HookCall
from krake.models.kinds import APPLICATION

LARGEST_CALL = 64 * 1024
"""Bytes: a token is far smaller."""

_ONE = f"/{APPLICATION.api}/namespaces/{{namespace}}/{APPLICATION.plural}/{{name}}"

router = APIRouter(tags=[APPLICATION.plural])


@router.put(
    f"{_ONE}/complete",
    summary="The application has done its work",
    operation_id="completeApplication",
    responses=answers(APPLICATION.model, "The application, marked for deletion.")
    | problems(400, 401, 413, 415, 422, 503),
    openapi_extra=body_of(HookCall),
)
@exempt("the token in the body is what allows it")
async def complete(request: Request, namespace: str, name: str) -> Response:
    """Called by the application itself, with the token that its containers were given: it is deleted.

    A token is good once. The same call again is answered with 200 as long as the deletion runs.
    """
    refuse_unknown(request)
    document = await read_document(request, LARGEST_CALL)
    record = await hooks.complete(services(request), info(request), namespace, name, document)
    return await resource_response(services(request), record)


@router.put(
    f"{_ONE}/shutdown",
    summary="The application has shut down",
    operation_id="shutdownApplication",
    responses=answers(APPLICATION.model, "The application; unchanged where nobody asked it to shut down.")
    | problems(400, 401, 413, 415, 422, 503),
    openapi_extra=body_of(HookCall),
)
@exempt("the token in the body is what allows it")
async def shutdown(request: Request, namespace: str, name: str) -> Response:
    """Called by the application itself once it has shut down, after Krake asked for it.

    A token is good once. The same call again is answered with 200 as long as what it confirmed still runs.
    """
    refuse_unknown(request)
    document = await read_document(request, LARGEST_CALL)
    record = await hooks.shutdown(services(request), info(request), namespace, name, document)
    return await resource_response(services(request), record)


@router.put(
    f"{_ONE}/retry",
    summary="Try again",
    operation_id="retryApplication",
    responses=answers(APPLICATION.model, "The application, at work again.") | problems(400, 404, 422, 503),
)
async def retry(request: Request, namespace: str, name: str) -> Response:
    """Have another try at a shutdown that was not confirmed, or at an application that is FAILED."""
    refuse_unknown(request)
    record = await hooks.retry(services(request), info(request), namespace, name)
    return await resource_response(services(request), record)

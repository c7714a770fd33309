"""What was desired of an application, generation by generation, and returning to one of them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import ValidationError

from api import generations
from api.answers import items_response, json_response, resource_response
from api.body import read_document
from api.deps import info, services
from api.openapi import answers, body_of, problems
from api.parameters import refuse_unknown
from api.problems import ProblemError, Title, invalid_fields
from api.routes.history import uid_of
from api.validation import field_errors
from krake.models.application import Application
from krake.models.history import GenerationDetail, GenerationList, RollbackRequest
from krake.models.kinds import KINDS
from krake.store import Generation, NotFound, Store

_KIND = KINDS["Application"]
_ONE = f"/{_KIND.api}/namespaces/{{namespace}}/{_KIND.plural}/{{name}}"

Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="The generation's number.")]

router = APIRouter(tags=[_KIND.plural])


@router.get(
    f"{_ONE}/history",
    summary="What was desired of one application before",
    operation_id="listApplicationGenerations",
    responses=answers(GenerationList, "The kept generations, newest first.") | problems(404, 422, 503),
)
async def history(request: Request, namespace: str, name: str) -> Response:
    """Every kept generation: who made it, what changed, and whether it became ready; also for an application
    that has been removed."""
    refuse_unknown(request)
    kept, current = await _kept(services(request).store, namespace, name)
    return items_response("GenerationList", generations.entries(kept, current), api=_KIND.api)


@router.get(
    f"{_ONE}/history/{{generation}}",
    summary="One generation of an application's spec",
    operation_id="getApplicationGeneration",
    responses=answers(GenerationDetail, "The generation.") | problems(404, 422, 503),
)
async def one(request: Request, namespace: str, name: str, generation: Number) -> Response:
    """The spec and the labels that the application had then."""
    refuse_unknown(request)
    kept, current = await _kept(services(request).store, namespace, name)
    found = generations.detail(kept, current, generation)
    if found is None:
        raise ProblemError(
            HTTPStatus.NOT_FOUND,
            f"Application '{name}' keeps no generation {generation}; GET …/history lists those it keeps",
            title=Title.NOT_FOUND_ERROR,
        )
    return json_response(found.model_dump(mode="json"))


@router.put(
    f"{_ONE}/rollback",
    summary="Return to an earlier generation of one application",
    operation_id="rollBackApplication",
    responses=answers(Application, "The application as it is now.")
    | problems(400, 404, 409, 413, 415, 422, 503),
    openapi_extra=body_of(RollbackRequest),
)
async def rollback(request: Request, namespace: str, name: str) -> Response:
    """Make spec and labels of an earlier generation the desired ones again, as a new generation.

    Without a number it is the newest generation that became ready and differs from the present one.
    """
    refuse_unknown(request)
    found = services(request)
    document = await read_document(request, found.settings.api_max_body_bytes)
    try:
        wanted = RollbackRequest.model_validate(document)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_context=False)
        raise invalid_fields(field_errors(errors, document)) from None
    record = await generations.roll_back(found, info(request), namespace, name, wanted.generation)
    return await resource_response(found, record)


async def _kept(store: Store, namespace: str, name: str) -> tuple[list[Generation], int | None]:
    """The kept generations of an application, and the current one; None where it has been removed."""
    uid = await uid_of(store, _KIND, namespace, name)
    if uid is None:
        raise NotFound.of(_KIND.name, namespace, name)
    record = await store.get_by_uid(uid)
    return await store.generations(uid), record.generation if record and not record.deleted else None

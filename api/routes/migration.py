"""Moving an application to another cluster, and taking that back."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from api import migrations
from api.answers import json_response, resource_response
from api.body import read_document
from api.deps import info, services
from api.openapi import answers, body_of, problems
from api.parameters import refuse_unknown
from api.problems import invalid_fields
from api.validation import field_errors
from krake.models.application import Application
from krake.models.kinds import APPLICATION
from krake.models.migration import MigrationOrder, MigrationPlan

router = APIRouter(tags=[APPLICATION.plural])

_PATH = f"/{APPLICATION.api}/namespaces/{{namespace}}/{APPLICATION.plural}/{{name}}/migration"


@router.put(
    _PATH,
    summary="Move one application to another cluster",
    operation_id="migrateApplication",
    status_code=HTTPStatus.ACCEPTED,
    responses=answers(Application, "The application; its move is asked for.", 202)
    | answers(MigrationPlan, "With `dry_run`: what would be done.")
    | problems(400, 404, 409, 413, 415, 422, 503),
    openapi_extra=body_of(MigrationOrder),
)
async def migrate(request: Request, namespace: str, name: str) -> Response:
    """The application is brought up on the other cluster; when it is ready there, it leaves the old one.

    The move is asked for when the answer comes; `status.migration` and `status.last_migration` tell how it
    goes. An application that is on its way to that cluster already is left to it.
    """
    refuse_unknown(request)
    found = services(request)
    order = _order(await read_document(request, found.settings.api_max_body_bytes))
    if order.dry_run:
        planned = await migrations.plan(found, info(request), namespace, name, order)
        return json_response(planned.model_dump(mode="json"))
    record = await migrations.migrate(found, info(request), namespace, name, order)
    return await resource_response(services(request), record, HTTPStatus.ACCEPTED)


@router.delete(
    _PATH,
    summary="Take a move of one application back",
    operation_id="cancelMigration",
    status_code=HTTPStatus.ACCEPTED,
    responses=answers(Application, "The application; its move is being undone.", 202)
    | problems(404, 409, 422, 503),
)
async def cancel(request: Request, namespace: str, name: str) -> Response:
    """Until the other cluster has taken over, the move is undone; from then on it only goes forward: 409."""
    refuse_unknown(request)
    record = await migrations.cancel(services(request), info(request), namespace, name)
    return await resource_response(services(request), record, HTTPStatus.ACCEPTED)


def _order(document: dict[str, object]) -> MigrationOrder:
    try:
        return MigrationOrder.model_validate(document)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_context=False)
        raise invalid_fields(field_errors(errors, document)) from None

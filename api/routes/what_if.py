"""Asking what would be decided about an application if something were different."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from api.answers import json_response
from api.authorization.routes import needs
from api.body import read_document
from api.decisions import suppose
from api.deps import services
from api.openapi import answers, body_of, problems
from api.parameters import refuse_unknown
from api.problems import invalid_fields
from api.validation import field_errors
from krake.models.kinds import APPLICATION
from krake.models.permissions import Verb
from krake.models.what_if import WhatIf
from scheduler.decision import Decision

router = APIRouter(tags=[APPLICATION.plural])


@router.post(
    f"/{APPLICATION.api}/namespaces/{{namespace}}/{APPLICATION.plural}/{{name}}/decisions",
    summary="What would be decided about one application if something were different",
    operation_id="supposeApplicationDecision",
    responses=answers(Decision, "The decision; it has no id, as it is not stored.")
    | problems(400, 404, 413, 415, 422, 503),
    openapi_extra=body_of(WhatIf),
)
@needs(Verb.GET)
async def suppose_decision(request: Request, namespace: str, name: str) -> Response:
    """The body says what to suppose; an empty one asks for the decision as it would be now."""
    refuse_unknown(request)
    found = services(request)
    document = await read_document(request, found.settings.api_max_body_bytes)
    try:
        what_if = WhatIf.model_validate(document)
    except ValidationError as error:
        errors = error.errors(include_url=False, include_context=False)
        raise invalid_fields(field_errors(errors, document)) from None
    decision = await suppose(found, namespace, name, what_if)
    return json_response(decision.model_dump(mode="json"))

"""What differs between an application and its cluster."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from api.answers import json_response
from api.comparing import compare
from api.deps import services
from api.openapi import answers, problems
from api.parameters import refuse_unknown
from api.problems import ProblemError
from krake.messages.base import Target
from krake.models.drift import ApplicationDiff
from krake.models.kinds import APPLICATION

router = APIRouter(tags=[APPLICATION.plural])


@router.get(
    f"/{APPLICATION.api}/namespaces/{{namespace}}/{APPLICATION.plural}/{{name}}/diff",
    summary="What differs between one application and its cluster",
    operation_id="diffApplication",
    responses=answers(ApplicationDiff, "The objects that differ; empty when none does.")
    | problems(404, 409, 422, 503),
)
async def diff(request: Request, namespace: str, name: str) -> Response:
    """Asks the cluster at this moment, field by field, who manages each field now and since when.

    Values of Secrets are not shown.
    """
    refuse_unknown(request)
    found = services(request)
    record = await found.store.get(APPLICATION.name, namespace, name)
    if not record.status.get("scheduled_to"):
        raise ProblemError(
            HTTPStatus.CONFLICT, f"Application '{name}' is on no cluster yet: there is nothing to compare"
        )
    target = Target(kind=record.kind, namespace=namespace, name=name, uid=record.uid)
    return json_response((await compare(found.temporal, target)).model_dump(mode="json"))

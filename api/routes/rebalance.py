"""Looking at all applications at once."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.answers import json_response
from api.deps import info, services
from api.openapi import answers, problems
from api.parameters import DRY_RUN, DryRun, is_true, refuse_unknown
from api.rebalancing import rebalance as look
from krake.models.rebalance import RebalanceReport

router = APIRouter(tags=["applications"])


@router.post(
    "/kubernetes/rebalance",
    summary="Place and move what is due among all applications",
    operation_id="rebalance",
    responses=answers(RebalanceReport, "Who moves, who is held back and why.") | problems(422, 503),
)
async def rebalance(request: Request, dry_run: DryRun = None) -> Response:
    """Krake does so by itself, on a schedule and when clusters or metrics change. With `dry_run` nothing is
    done. The moves that are asked for go on after the answer; the lifecycle of each application decides anew.
    """
    refuse_unknown(request, DRY_RUN)
    report = await look(services(request), info(request), dry_run=is_true("dry_run", dry_run))
    return json_response(report.model_dump(mode="json"))

"""Comparing an application with its cluster: a short operation of a worker, whose answer is waited for."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from http import HTTPStatus

from temporalio.client import Client, WorkflowFailureError
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from api.problems import ProblemError
from krake.messages.base import Target
from krake.messages.names import TASK_QUEUE, WorkflowName
from krake.models.drift import ApplicationDiff
from krake.models.reasons import ReasonCode
from krake.temporal import search_attributes

DEADLINE = 15.0
"""Seconds that the caller is kept waiting at most."""


async def compare(temporal: Client, target: Target) -> ApplicationDiff:
    """What differs between the application and its cluster; two who ask at once share one look.

    Raises:
        ProblemError: 409 it is on no cluster, 503 its cluster, a worker or Temporal does not answer.
    """
    try:
        async with asyncio.timeout(DEADLINE):
            found: ApplicationDiff = await temporal.execute_workflow(
                WorkflowName.COMPARE_APPLICATION,
                target,
                id=f"{target.workflow_id}/compare",
                task_queue=TASK_QUEUE,
                result_type=ApplicationDiff,
                execution_timeout=timedelta(seconds=DEADLINE),
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                search_attributes=search_attributes(target, WorkflowName.COMPARE_APPLICATION),
                static_summary=f"{target.namespace}/{target.name}: compare with its cluster",
            )
            return found
    except WorkflowFailureError as error:
        raise _problem(error) from error
    except TimeoutError as error:
        raise _silent(f"No worker finished the comparison within {DEADLINE:g} s") from error
    except (RPCError, RuntimeError) as error:
        raise _silent("Temporal, which has applications compared, does not answer at the moment") from error


def _problem(error: WorkflowFailureError) -> ProblemError:
    cause = error.cause
    if not isinstance(cause, ApplicationError):
        return _silent(f"No worker finished the comparison within {DEADLINE:g} s")
    if cause.type == ReasonCode.INVALID_RESOURCE:
        return ProblemError(HTTPStatus.CONFLICT, f"There is nothing to compare: {cause.message}")
    return _silent(f"The cluster cannot be asked: {cause.message}")


def _silent(detail: str) -> ProblemError:
    return ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, detail, headers={"Retry-After": "5"})

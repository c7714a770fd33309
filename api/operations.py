"""What Temporal does, and did, about a resource."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus, WorkflowQueryFailedError
from temporalio.service import RPCError

from api.problems import ProblemError
from krake.messages.lifecycle import Progress
from krake.messages.names import PROGRESS_QUERY
from krake.models.events import Operation

NEWEST = 100
"""Runs that are shown at most."""
QUERIED = 8
"""Running ones that are asked for their step at the same time."""
LIST_DEADLINE = 5.0
QUERY_DEADLINE = timedelta(seconds=2)
NO_WORKER = "no worker answered"


async def operations(temporal: Client, kind: str, namespace: str, name: str) -> list[Operation]:
    """The runs for a resource, newest first; running ones with their current step.

    The resource's name has to be a valid one: it becomes part of a query.

    Raises:
        ProblemError: 503, Temporal does not answer.
    """
    query = f"KrakeKind = '{kind}' AND KrakeNamespace = '{namespace}' AND KrakeName = '{name}'"
    try:
        async with asyncio.timeout(LIST_DEADLINE):
            runs = [run async for run in temporal.list_workflows(query, limit=NEWEST, page_size=NEWEST)]
    except (RPCError, RuntimeError, TimeoutError) as error:
        raise ProblemError(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "Temporal, which knows the operations, does not answer at the moment; resources can be read and "
            "written nevertheless",
            headers={"Retry-After": "5"},
        ) from error
    runs.sort(key=lambda run: run.start_time, reverse=True)
    slots = asyncio.Semaphore(QUERIED)
    return list(await asyncio.gather(*(_operation(temporal, run, slots) for run in runs)))


async def _operation(temporal: Client, run: WorkflowExecution, slots: asyncio.Semaphore) -> Operation:
    running = run.status is WorkflowExecutionStatus.RUNNING
    step = ""
    if running:
        async with slots:
            step = await _step(temporal, run)
    return Operation(
        operation=run.workflow_type,
        workflow_id=run.id,
        run_id=run.run_id,
        state=run.status.name if run.status else "UNKNOWN",
        started=run.start_time,
        finished=run.close_time,
        step=step,
    )


async def _step(temporal: Client, run: WorkflowExecution) -> str:
    handle = temporal.get_workflow_handle(run.id, run_id=run.run_id)
    try:
        async with asyncio.timeout(QUERY_DEADLINE.total_seconds() + 1):
            progress: Progress = await handle.query(
                PROGRESS_QUERY, result_type=Progress, rpc_timeout=QUERY_DEADLINE
            )
    except WorkflowQueryFailedError:
        return ""
    except (RPCError, TimeoutError):
        return NO_WORKER
    return _words(progress)


def _words(progress: Progress) -> str:
    """The step, with what is left of its time."""
    if not progress.deadline:
        return progress.step
    left = (datetime.fromisoformat(progress.deadline) - datetime.now(UTC)).total_seconds()
    return f"{progress.step}: {max(0, round(left))} s left"

"""Having all applications looked at: soon, because something changed, or now, because somebody asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from krake.messages.lifecycle import Wake
from krake.messages.names import TASK_QUEUE, WAKE_SIGNAL, WorkflowName
from krake.messages.observing import PassOrder
from krake.models.rebalance import RebalanceReport

PASS_ID = "rebalance"
"""Id of the run that changes are signalled to; those of the schedule have their moment appended."""
_MOST_SHOWN = 200
"""Entries of each list of the report, where somebody reads it."""
_REHEARSAL_ID = f"{PASS_ID}/dry-run"


async def request_pass(client: Client, settle: float, cause: str, *, queue: str = TASK_QUEUE) -> None:
    """Have all applications looked at soon. A burst of requests makes one look.

    Args:
        client: the connection to Temporal.
        settle: seconds to wait for further changes.
        cause: what changed, in words.
        queue: the task queue of the workers.
    """
    order = PassOrder(settle=settle)
    await client.start_workflow(WorkflowName.REBALANCE, order, task_queue=queue, **_run(PASS_ID, cause))


async def look_now(client: Client, seconds: float, cause: str, *, dry_run: bool) -> RebalanceReport:
    """Have all applications looked at now, and wait for what came of it.

    A run that is at it looks once more. Dry runs share one look, too.

    Args:
        client: the connection to Temporal.
        seconds: how long it may take.
        cause: who asks, in words.
        dry_run: whether nothing is done.

    Raises:
        RPCError: Temporal does not answer.
        WorkflowFailureError: it failed, or no worker came to it in time.
    """
    found: RebalanceReport = await client.execute_workflow(
        WorkflowName.REBALANCE,
        PassOrder(dry_run=dry_run, shown=_MOST_SHOWN),
        task_queue=TASK_QUEUE,
        result_type=RebalanceReport,
        execution_timeout=timedelta(seconds=seconds) if dry_run else None,
        **_run(_REHEARSAL_ID if dry_run else PASS_ID, cause),
    )
    return found


def _run(workflow_id: str, cause: str) -> dict[str, Any]:
    return {
        "id": workflow_id,
        "id_reuse_policy": WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        "id_conflict_policy": WorkflowIDConflictPolicy.USE_EXISTING,
        "start_signal": WAKE_SIGNAL,
        "start_signal_args": [Wake(cause=cause)],
        "static_summary": f"look at all applications: {cause}"[:200],
    }

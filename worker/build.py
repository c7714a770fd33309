"""Putting a worker together: queue, slots, sandbox, interceptors."""

from __future__ import annotations

from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.kubernetes.connections import Connections
from activities.registry import all_activities
from krake.messages.names import TASK_QUEUE
from krake.settings import Settings
from krake.store import Store
from worker.interceptors import OutcomeInterceptor
from workflows.registry import WORKFLOWS

# Everything but the workflow files themselves is shared with the process: importing it anew for every run
# would cost more than the run.
_PASSED_THROUGH = (
    "krake",
    "activities",
    "scheduler",
    "pydantic",
    "pydantic_core",
    "structlog",
    "orjson",
    "workflows",
)
_MOST_CACHED = 2000
_STICKY = timedelta(seconds=3)
"""How long a workflow waits for the worker that has it cached; after a crash, each level of children does."""


def build_worker(client: Client, store: Store, connections: Connections, settings: Settings) -> Worker:
    """A worker for the workflows and activities of all resources. It is not started."""
    return Worker(
        client,
        task_queue=TASK_QUEUE,
        workflows=WORKFLOWS,
        activities=all_activities(store, client, connections, settings),
        workflow_runner=workflow_runner(),
        interceptors=[OutcomeInterceptor()],
        max_cached_workflows=_MOST_CACHED,
        sticky_queue_schedule_to_start_timeout=_STICKY,
        max_concurrent_activities=settings.worker_max_activities,
        max_concurrent_workflow_tasks=settings.worker_max_workflow_tasks,
        max_heartbeat_throttle_interval=timedelta(seconds=1),
        default_heartbeat_throttle_interval=timedelta(seconds=1),
        graceful_shutdown_timeout=timedelta(seconds=settings.worker_graceful_shutdown),
    )


def workflow_runner() -> SandboxedWorkflowRunner:
    """How workflow code runs: apart from everything that could make a replay differ."""
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*_PASSED_THROUGH)
    return SandboxedWorkflowRunner(restrictions=restrictions)

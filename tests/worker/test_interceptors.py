"""What becomes of an activity's failure: a reason for the workflow, and a count for the operator."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY
from temporalio import activity, workflow
from temporalio.client import Client, WorkflowFailureError
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.worker import Worker

from activities.kubernetes.errors import ClusterError
from krake.models.reasons import ReasonCode
from worker.build import workflow_runner
from worker.interceptors import OutcomeInterceptor


@dataclass
class Trouble:
    """An activity that fails as it is told."""

    error: Exception | None = None
    calls: list[int] = field(default_factory=list)

    @activity.defn(name="verify_cluster")
    async def run(self) -> str:
        """Fail, or not."""
        self.calls.append(activity.info().attempt)
        if self.error is not None:
            raise self.error
        return "done"


@workflow.defn(name="Once", sandboxed=False)
class Once:
    """Calls the activity, twice at most."""

    @workflow.run
    async def run(self) -> str:
        """Its result."""
        return str(
            await workflow.execute_activity(
                "verify_cluster",
                start_to_close_timeout=timedelta(seconds=10),
                retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=10), maximum_attempts=2),
            )
        )


async def call(client: Client, trouble: Trouble) -> str:
    """Run the activity on a worker with the interceptor."""
    queue = f"interceptor-{uuid4().hex[:8]}"
    async with Worker(
        client,
        task_queue=queue,
        workflows=[Once],
        activities=[trouble.run],
        interceptors=[OutcomeInterceptor()],
        workflow_runner=workflow_runner(),
    ):
        return str(await client.execute_workflow("Once", id=queue, task_queue=queue))


def counted(outcome: str) -> float:
    """How often the activity ended so."""
    labels = {"system": "kubernetes", "activity": "verify_cluster", "outcome": outcome}
    return REGISTRY.get_sample_value("krake_activities_total", labels) or 0.0


async def failure(client: Client, trouble: Trouble) -> ApplicationError:
    """What the workflow is told."""
    with pytest.raises(WorkflowFailureError) as raised:
        await call(client, trouble)
    assert isinstance(raised.value.cause, ActivityError)
    assert isinstance(raised.value.cause.cause, ApplicationError)
    return raised.value.cause.cause


async def test_success_is_counted(client: Client) -> None:
    before = counted("ok")
    assert await call(client, Trouble()) == "done"
    assert counted("ok") == before + 1


@pytest.mark.parametrize(("temporary", "attempts"), [(True, 2), (False, 1)])
async def test_a_clusters_error_becomes_its_reason(client: Client, temporary: bool, attempts: int) -> None:
    trouble = Trouble(ClusterError(ReasonCode.KUBERNETES_ERROR, "quota exceeded", temporary=temporary))
    before = counted("KUBERNETES_ERROR")
    told = await failure(client, trouble)
    assert (told.type, told.message) == ("KUBERNETES_ERROR", "quota exceeded")
    assert told.non_retryable is not temporary
    assert trouble.calls == list(range(1, attempts + 1))
    assert counted("KUBERNETES_ERROR") == before + attempts


async def test_an_error_of_the_user_passes_unchanged(client: Client) -> None:
    told = await failure(client, Trouble(ApplicationError("no", type="INVALID_RESOURCE", non_retryable=True)))
    assert (told.type, told.message, told.non_retryable) == ("INVALID_RESOURCE", "no", True)


async def test_a_bug_is_counted_as_one(client: Client) -> None:
    before = counted("INTERNAL_ERROR")
    told = await failure(client, Trouble(ZeroDivisionError("division by zero")))
    assert told.type == "ZeroDivisionError"
    assert counted("INTERNAL_ERROR") == before + 2

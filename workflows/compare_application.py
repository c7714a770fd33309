"""Compare an application with its cluster."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.kubernetes.comparing_application import ComparingActivities
    from krake.messages.base import Target
    from krake.messages.names import WorkflowName
    from krake.models.drift import ApplicationDiff
    from workflows.errors import cause_of
    from workflows.lifecycle import Operation
    from workflows.options import on_cluster

_COMPARE_TIME = timedelta(seconds=15)
_ONCE_MORE = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_attempts=2)


@workflow.defn(name=WorkflowName.COMPARE_APPLICATION)
class CompareApplication(Operation):
    """One look, for somebody who waits for the answer. It changes nothing and so needs no lock."""

    @workflow.init
    def __init__(self, target: Target) -> None:
        super().__init__(WorkflowName.COMPARE_APPLICATION)

    @workflow.run
    async def run(self, target: Target) -> ApplicationDiff:
        """Compare.

        Raises:
            ApplicationError: with a reason code, when the application is on no cluster or it does not answer.
        """
        self._steps.begin(f"compare {target.name} with its cluster")
        try:
            return await workflow.execute_activity_method(
                ComparingActivities.compare_application,
                target,
                summary=f"compare {target.name} with its cluster",
                **on_cluster(_COMPARE_TIME, _ONCE_MORE),
            )
        except ActivityError as error:
            cause = cause_of(error)
            raise ApplicationError(cause.message, type=cause.code, non_retryable=cause.final) from error

"""Look at all applications: who is to be placed, who is to move."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.rebalancing.rebalancing import RebalancingActivities
    from krake.messages.names import WorkflowName
    from krake.messages.observing import PassOrder
    from krake.models.rebalance import RebalanceReport
    from workflows.lifecycle import Lifecycle
    from workflows.options import on_cluster

_ONE_LOOK = timedelta(minutes=5)
_NEXT_ROUND = 1.0
"""Seconds at least between two looks of one run: under a stream of changes they must not follow at once."""


@workflow.defn(name=WorkflowName.REBALANCE)
class Rebalance(Lifecycle):
    """One look, and another one where something changed while it was made.

    Changes are signals to the one run of its id: those that come while it waits share its look, those that
    come later make it look once more, so that none is lost and a burst costs two looks at most.
    """

    @workflow.init
    def __init__(self, order: PassOrder) -> None:
        super().__init__(WorkflowName.REBALANCE)

    @workflow.run
    async def run(self, order: PassOrder) -> RebalanceReport:
        """Look until nothing has changed meanwhile; returns what the last look found and did."""
        pause = order.settle
        while True:
            if pause:
                self._steps.begin("wait for further changes")
                await workflow.sleep(pause, summary="wait for further changes")
            causes = self._wakes.take()
            self._steps.begin("look at all applications")
            report = await workflow.execute_activity_method(
                RebalancingActivities.rebalance,
                order,
                summary=f"look at all applications: {causes[-1] if causes else 'on schedule'}"[:200],
                **on_cluster(_ONE_LOOK),
            )
            if self._wakes.empty:
                return report
            if workflow.info().is_continue_as_new_suggested():
                # What was signalled is seen by the first look of the next run.
                workflow.continue_as_new(order)
            pause = max(order.settle, _NEXT_ROUND)

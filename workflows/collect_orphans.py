"""Remove what was left behind on one cluster."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.kubernetes.collecting import CollectingActivities
    from krake.messages.names import WorkflowName
    from krake.messages.removing import Collected, Collection
    from workflows.errors import cause_of
    from workflows.lifecycle import Operation
    from workflows.options import on_cluster

_TIME = timedelta(minutes=10)


@workflow.defn(name=WorkflowName.COLLECT_ORPHANS)
class CollectOrphans(Operation):
    """One pass over the records. What cannot be removed now stays recorded, and is tried again later."""

    @workflow.init
    def __init__(self, collection: Collection) -> None:
        super().__init__(WorkflowName.COLLECT_ORPHANS)

    @workflow.run
    async def run(self, collection: Collection) -> Collected:
        """Collect; says what became of the orphans, or why they stay."""
        name = collection.cluster.name
        self._steps.begin(f"remove what was left behind on {name}", name)
        try:
            return await workflow.execute_activity_method(
                CollectingActivities.collect_orphans,
                collection,
                summary=f"remove what was left behind on {name}",
                **on_cluster(_TIME),
            )
        except ActivityError as error:
            if is_cancelled_exception(error):
                raise
            return Collected(message=cause_of(error).message)

"""A workflow that does nothing but copy volumes."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from krake.messages.lifecycle import Progress
    from krake.messages.moving import CopyVolumes
    from krake.messages.names import PROGRESS_QUERY
    from workflows.copying import copy_data
    from workflows.progress import Steps


@workflow.defn(name="CopyData")
class CopyData:
    """The step, as a migration takes it."""

    @workflow.init
    def __init__(self, call: CopyVolumes) -> None:
        self._steps = Steps("CopyData")

    @workflow.query(name=PROGRESS_QUERY)
    def progress(self) -> Progress:
        """What is being done."""
        return self._steps.answer()

    @workflow.run
    async def run(self, call: CopyVolumes) -> None:
        """Take the step."""
        await copy_data(self._steps, call.target, call.source, call.destination, call.generation)

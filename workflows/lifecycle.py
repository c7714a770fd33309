"""What every workflow answers, and what every lifecycle hears."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from krake.messages.lifecycle import Progress, Wake
    from krake.messages.names import PROGRESS_QUERY, WAKE_SIGNAL
    from workflows.progress import Steps
    from workflows.wakes import Wakes


class Operation:
    """A workflow that says what it is doing."""

    def __init__(self, operation: str, attempt: int = 1) -> None:
        self._steps = Steps(operation, attempt)

    @workflow.query(name=PROGRESS_QUERY)
    def progress(self) -> Progress:
        """What is being done now."""
        return self._steps.answer()


class Lifecycle(Operation):
    """A workflow that acts for one resource until nothing is left to do; what changes wakes it."""

    def __init__(self, operation: str) -> None:
        super().__init__(operation)
        self._wakes = Wakes()

    @workflow.signal(name=WAKE_SIGNAL)
    def wake(self, message: Wake) -> None:
        """Something changed that concerns the resource."""
        self._wakes.add(message.cause)

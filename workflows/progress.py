"""What a run is doing, in words: for the `progress` query and for the Temporal UI."""

from __future__ import annotations

from temporalio import workflow

from krake.messages.lifecycle import Progress


class Steps:
    """Names the current step of a run."""

    def __init__(self, operation: str, attempt: int = 1) -> None:
        self._operation = operation
        self._attempt = attempt
        self._step = "starting"
        self._cluster = ""
        self._since = workflow.now()
        self._done: list[str] = []

    def begin(self, step: str, cluster: str = "") -> None:
        """A new step begins."""
        if self._done or self._step != "starting":
            self._done.append(self._step)
        self._step = step
        self._cluster = cluster or self._cluster
        self._since = workflow.now()
        lines = [*(f"- {done}: done" for done in self._done[-10:]), f"- **{step}**"]
        workflow.set_current_details("\n".join(lines))

    def answer(self) -> Progress:
        """The answer to the `progress` query."""
        return Progress(
            operation=self._operation,
            step=self._step,
            since=self._since.isoformat(),
            attempt=self._attempt,
            cluster=self._cluster,
        )

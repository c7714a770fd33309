"""Ask an application to shut down, and wait for its confirmation."""

from __future__ import annotations

from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.kubernetes.shutting_down import ShuttingDownActivities
    from activities.store.shutdowns import ShutdownStoreActivities
    from krake.hooks.messages import (
        CONFIRMED_SIGNAL,
        Shutdown,
        ShutdownAttempt,
        ShutdownEnd,
        ShutdownOutcome,
        ShutdownTerms,
    )
    from krake.messages.lifecycle import Progress
    from krake.messages.names import PROGRESS_QUERY, WorkflowName
    from krake.payloads import Plain
    from workflows.errors import cause_of
    from workflows.lifecycle import Operation
    from workflows.options import STORE

Request = workflow.ActivityHandle[str]

_ONE_REQUEST = timedelta(minutes=1)
_UNTIL_TAKEN = RetryPolicy(
    initial_interval=timedelta(seconds=1), backoff_coefficient=1.5, maximum_interval=timedelta(seconds=10)
)


@workflow.defn(name=WorkflowName.SHUTDOWN_APPLICATION)
class ShutdownApplication(Operation):
    """Requests and grace times, as often as the application says.

    A confirmation is what the store says: the signal only makes this look there, so that a lost one costs
    time and a forged one nothing.
    """

    @workflow.init
    def __init__(self, shutdown: Shutdown) -> None:
        super().__init__(WorkflowName.SHUTDOWN_APPLICATION)
        self._signalled = False
        self._terms = ShutdownTerms()
        self._deadline = ""
        self._attempt = 1

    @workflow.signal(name=CONFIRMED_SIGNAL)
    def confirm(self) -> None:
        """The application called its hook."""
        self._signalled = True

    @workflow.query(name=PROGRESS_QUERY)
    def progress(self) -> Progress:
        """What is being waited for, and until when."""
        changes = {"attempt": self._attempt, "deadline": self._deadline}
        return super().progress().model_copy(update=changes)

    @workflow.run
    async def run(self, shutdown: Shutdown) -> ShutdownOutcome:
        """Ask and wait; says whether the application confirmed, and whether to go on in any case."""
        trouble = ""
        while True:
            self._steps.begin(f"ask it to shut down on {shutdown.cluster.name}", shutdown.cluster.name)
            self._terms = await self._begin(shutdown)
            if self._terms.settled:
                return ShutdownOutcome(
                    confirmed=self._terms.confirmed, proceed=True, message=self._terms.message
                )
            request = self._ask(shutdown)
            confirmed = await self._wait(shutdown, request)
            trouble = await self._impossible(request)
            if confirmed or trouble or self._attempt >= self._terms.attempts:
                break
            self._attempt += 1
        self._steps.begin("record what came of it")
        return await workflow.execute_local_activity_method(
            ShutdownStoreActivities.end_shutdown,
            ShutdownEnd(shutdown=shutdown, attempts=self._attempt, trouble=trouble),
            summary="record what came of it",
            **STORE,
        )

    async def _begin(self, shutdown: Shutdown) -> ShutdownTerms:
        return await workflow.execute_local_activity_method(
            ShutdownStoreActivities.begin_shutdown,
            ShutdownAttempt(shutdown=shutdown, attempt=self._attempt),
            summary=f"how long does attempt {self._attempt} wait?",
            **STORE,
        )

    def _ask(self, shutdown: Shutdown) -> Request:
        """Send the request, again and again within the grace time until it is taken."""
        return workflow.start_activity_method(
            ShuttingDownActivities.request_shutdown,
            ShutdownAttempt(shutdown=shutdown, attempt=self._attempt),
            summary=f"ask it to shut down on {shutdown.cluster.name}",
            start_to_close_timeout=_ONE_REQUEST,
            schedule_to_close_timeout=timedelta(seconds=self._terms.grace),
            retry_policy=_UNTIL_TAKEN,
        )

    async def _wait(self, shutdown: Shutdown, request: Request) -> bool:
        """Wait until the application confirms, its time is over, or it cannot be asked at all."""
        self._deadline = self._terms.deadline
        until = datetime.fromisoformat(self._deadline).isoformat(" ", "seconds")
        self._steps.begin(f"wait for it to shut down on {shutdown.cluster.name}, grace until {until}")
        end = workflow.now() + timedelta(seconds=self._terms.grace)
        while (left := end - workflow.now()) > timedelta(0):
            try:
                await workflow.wait_condition(
                    lambda: self._signalled or _final(request),
                    timeout=left,
                    timeout_summary=Plain("grace time of the shutdown"),
                )
            except TimeoutError:
                break
            if not self._signalled:
                break
            self._signalled = False
            if await self._confirmed(shutdown):
                return True
        return await self._confirmed(shutdown)

    async def _confirmed(self, shutdown: Shutdown) -> bool:
        return await workflow.execute_local_activity_method(
            ShutdownStoreActivities.shutdown_confirmed, shutdown, summary="did it confirm?", **STORE
        )

    async def _impossible(self, request: Request) -> str:
        """End the request; says why it can never be taken, if so."""
        self._deadline = ""
        final = _final(request)
        if not request.done():
            request.cancel()
            await workflow.wait_condition(request.done)
        error = None if request.cancelled() else request.exception()
        return cause_of(error).message if error is not None and final else ""


def _final(request: Request) -> bool:
    """Whether the request has failed in a way that trying again cannot mend."""
    if not request.done() or request.cancelled():
        return False
    error = request.exception()
    return error is not None and not is_cancelled_exception(error) and cause_of(error).final

"""One clock for the test server, for this process and so for the store: time passes when a test says so.

Workflows wait by the server's clock. Activities and the store read this process's clock, which is set to the
server's before each activity. While an activity runs the server skips nothing, so that both go on together.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import time_machine
from temporalio.api.testservice.v1 import SleepRequest
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

STEP = timedelta(seconds=10)
_LONGEST = timedelta(minutes=2)
"""Real time that a step may take: it ends when all is done that was due."""


class Clock(Interceptor):
    """The clock, and what sets it for the activities of a worker that has it as interceptor."""

    def __init__(self, environment: WorkflowEnvironment, process: time_machine.Traveller) -> None:
        self._environment = environment
        self._process = process

    async def now(self) -> datetime:
        """The server's time, to which this process's clock is set."""
        moment = await self._environment.get_current_time()
        self._process.move_to(moment)
        return moment

    async def advance(self, duration: timedelta) -> datetime:
        """Let time pass; whatever is due meanwhile is done at its time. Returns when that was."""
        request = SleepRequest()
        request.duration.FromTimedelta(duration)
        server = self._environment.client.test_service
        await server.unlock_time_skipping_with_sleep(request, timeout=_LONGEST)
        return await self.now()

    async def until(
        self, what: str, condition: Callable[[], Awaitable[bool]], within: timedelta, step: timedelta = STEP
    ) -> timedelta:
        """Let time pass, step by step, until the condition holds; returns how long that took.

        The test fails when it does not hold within that time.
        """
        began = moment = await self.now()
        while not await condition():
            assert moment - began < within, f"not within {within} by the server's clock: {what}"
            moment = await self.advance(step)
        return moment - began

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        """Set this process's clock before an activity."""
        return _OnTime(next, self)


class _OnTime(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, clock: Clock) -> None:
        super().__init__(next)
        self._clock = clock

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        await self._clock.now()
        return await super().execute_activity(input)


@asynccontextmanager
async def simulated_clock(environment: WorkflowEnvironment) -> AsyncIterator[Clock]:
    """This process on the server's time; afterwards it is on its own again."""
    with time_machine.travel(await environment.get_current_time(), tick=True) as process:
        yield Clock(environment, process)

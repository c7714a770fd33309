"""Wake-ups in the background: bounded, merged, drained at the end."""

from __future__ import annotations

import asyncio

from api.metrics import Metrics
from api.waker import Waker
from krake.messages.base import Target


def target(number: int) -> Target:
    """One of many applications."""
    return Target(kind="Application", namespace="testing", name=f"app-{number}", uid=str(number))


def outcomes(metrics: Metrics) -> dict[str, float]:
    """How many wake-ups were sent, dropped and failed."""
    return {
        outcome: metrics.registry.get_sample_value("krake_api_wakes_total", {"outcome": outcome}) or 0
        for outcome in ("sent", "dropped", "failed")
    }


class Receiver:
    """Takes wake-ups, not before it is allowed to."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.received: list[str] = []
        self.at_once = 0
        self.most_at_once = 0

    async def wake(self, target: Target, cause: str) -> None:
        """Take one wake-up."""
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await self.open.wait()
        self.at_once -= 1
        self.received.append(f"{target.name}: {cause}")


async def test_no_more_are_sent_at_once_than_allowed_and_all_before_the_end() -> None:
    receiver, metrics = Receiver(), Metrics()
    waker = Waker(receiver.wake, metrics, in_flight=3)
    waker.start()
    for number in range(20):
        waker.wake(target(number), "created")
    asyncio.get_running_loop().call_later(0.05, receiver.open.set)
    await waker.close(5)
    assert len(receiver.received) == 20
    assert receiver.most_at_once == 3
    assert outcomes(metrics) == {"sent": 20, "dropped": 0, "failed": 0}


async def test_a_resource_that_waits_for_its_turn_is_woken_once_by_the_last_cause() -> None:
    receiver, metrics = Receiver(), Metrics()
    waker = Waker(receiver.wake, metrics, in_flight=1)
    for cause in ("created", "updated", "deleted"):
        waker.wake(target(1), cause)
    receiver.open.set()
    waker.start()
    await waker.close(5)
    assert receiver.received == ["app-1: deleted"]


async def test_what_does_not_fit_is_dropped_and_counted() -> None:
    receiver, metrics = Receiver(), Metrics()
    waker = Waker(receiver.wake, metrics, queued=5)
    for number in range(8):
        waker.wake(target(number), "created")
    receiver.open.set()
    waker.start()
    await waker.close(5)
    assert outcomes(metrics) == {"sent": 5, "dropped": 3, "failed": 0}


async def test_the_end_does_not_wait_for_ever() -> None:
    receiver, metrics = Receiver(), Metrics()
    waker = Waker(receiver.wake, metrics, in_flight=1)
    waker.start()
    for number in range(3):
        waker.wake(target(number), "created")
    async with asyncio.timeout(5):
        await waker.close(0.05)
    assert receiver.received == []
    assert outcomes(metrics)["dropped"] >= 2

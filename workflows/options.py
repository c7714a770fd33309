"""How workflows call activities: time-outs and retries, in one place."""

from __future__ import annotations

from datetime import timedelta
from typing import TypedDict

from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityCancellationType

from krake.messages.lifecycle import Retry

LONGEST_PAUSE = timedelta(minutes=5)

HEARTBEAT = timedelta(seconds=10)

QUICK_RETRIES = RetryPolicy(
    initial_interval=timedelta(milliseconds=200), backoff_coefficient=2, maximum_attempts=4
)
"""For a connection that was just lost; what lasts longer is the operation's business."""

UNTIL_DONE = RetryPolicy(initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(seconds=10))
"""For work that has to go on on another worker when this one is lost."""


class LocalOptions(TypedDict):
    """Arguments of `workflow.execute_local_activity_method`."""

    start_to_close_timeout: timedelta
    retry_policy: RetryPolicy


class RemoteOptions(TypedDict):
    """Arguments of `workflow.execute_activity_method`."""

    start_to_close_timeout: timedelta
    heartbeat_timeout: timedelta
    retry_policy: RetryPolicy
    cancellation_type: ActivityCancellationType


STORE: LocalOptions = {
    "start_to_close_timeout": timedelta(seconds=30),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(milliseconds=100), maximum_interval=timedelta(seconds=10)
    ),
}
"""Calls that touch only the store run next to the workflow and are repeated until the store answers."""


def on_cluster(time: timedelta, retries: RetryPolicy = QUICK_RETRIES) -> RemoteOptions:
    """Options of a call to a cluster, or to another outside system, that may take `time`.

    A cancelled call is waited for: nothing else may touch the application while it is still at work.
    """
    return {
        "start_to_close_timeout": time,
        "heartbeat_timeout": HEARTBEAT,
        "retry_policy": retries,
        "cancellation_type": ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    }


def as_policy(retry: Retry) -> RetryPolicy:
    """The retry policy that a resource's backoff fields ask for."""
    return RetryPolicy(
        initial_interval=timedelta(seconds=retry.delay),
        backoff_coefficient=float(retry.factor),
        maximum_interval=max(LONGEST_PAUSE, timedelta(seconds=retry.delay)),
        maximum_attempts=retry.limit + 1 if retry.limit >= 0 else 0,
    )


def pause_after(retry: Retry, attempt: int) -> float | None:
    """Seconds until the attempt after this one (1 is the first); None when there is none."""
    if 0 <= retry.limit < attempt:
        return None
    longest = max(LONGEST_PAUSE.total_seconds(), float(retry.delay))
    return min(float(retry.delay) * float(retry.factor) ** min(attempt - 1, 64), longest)


def retries_left(retry: Retry, attempt: int) -> int | None:
    """Attempts that remain after this one (1 is the first); None where they are endless."""
    return max(0, retry.limit - attempt + 1) if retry.limit >= 0 else None

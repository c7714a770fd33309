"""Backoff in numbers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from krake.messages.lifecycle import Retry
from workflows.options import as_policy, pause_after, retries_left

ENDLESS = Retry(delay=10, factor=3)


def test_pauses_grow_by_the_factor_up_to_five_minutes() -> None:
    assert [pause_after(ENDLESS, attempt) for attempt in range(1, 7)] == [10, 30, 90, 270, 300, 300]


def test_endless_retries_stay_five_minutes_apart() -> None:
    assert pause_after(ENDLESS, 100_000) == 300
    assert retries_left(ENDLESS, 100_000) is None


def test_a_delay_above_five_minutes_is_kept() -> None:
    assert [pause_after(Retry(delay=3600, factor=2), attempt) for attempt in (1, 2, 9)] == [3600] * 3


@pytest.mark.parametrize("limit", [0, 1, 5])
def test_the_limit_counts_retries(limit: int) -> None:
    retry = Retry(delay=1, limit=limit)
    assert [pause_after(retry, attempt) for attempt in range(1, limit + 2)] == [1.0] * limit + [None]
    assert [retries_left(retry, attempt) for attempt in range(1, limit + 2)] == [*range(limit, 0, -1), 0]


def test_temporals_policy_says_the_same() -> None:
    policy = as_policy(Retry(delay=10, factor=3, limit=4))
    assert (policy.initial_interval, policy.backoff_coefficient) == (timedelta(seconds=10), 3.0)
    assert (policy.maximum_interval, policy.maximum_attempts) == (timedelta(minutes=5), 5)
    assert as_policy(ENDLESS).maximum_attempts == 0
    assert as_policy(Retry(delay=3600)).maximum_interval == timedelta(hours=1)

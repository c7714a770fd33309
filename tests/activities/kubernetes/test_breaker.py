"""A cluster that does not answer is left alone for a while."""

from __future__ import annotations

from activities.kubernetes.breaker import CircuitBreaker


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def opened(clock: Clock) -> CircuitBreaker:
    """A breaker after as many failures as it takes."""
    breaker = CircuitBreaker(threshold=3, pause=2.0, clock=clock)
    for _ in range(3):
        assert breaker.allows()
        breaker.failed()
    return breaker


def test_it_opens_after_failures_in_a_row() -> None:
    assert not opened(Clock()).allows()


def test_an_answer_in_between_starts_the_count_again() -> None:
    breaker = CircuitBreaker(threshold=2)
    for _ in range(5):
        breaker.failed()
        breaker.succeeded()
    assert breaker.allows()


def test_one_trial_goes_through_at_a_time() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 2.0
    assert breaker.allows()
    assert not breaker.allows()
    clock.now += 2.0
    assert breaker.allows()


def test_a_failed_trial_keeps_it_open() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 2.0
    assert breaker.allows()
    breaker.failed()
    clock.now += 1.9
    assert not breaker.allows()


def test_a_successful_trial_closes_it() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now += 2.0
    assert breaker.allows()
    breaker.succeeded()
    assert all(breaker.allows() for _ in range(10))

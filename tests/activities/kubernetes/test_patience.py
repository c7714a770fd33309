"""How often an application is repaired that somebody else keeps changing."""

from __future__ import annotations

from activities.kubernetes.patience import Patience
from tests.activities.kubernetes.test_breaker import Clock


def test_the_first_repair_is_made_at_once() -> None:
    assert Patience().allows("uid")


def test_each_further_repair_waits_longer_up_to_five_minutes() -> None:
    clock = Clock()
    patience = Patience(clock)
    pauses = []
    for _ in range(10):
        patience.note("uid")
        pauses.append(patience.pause("uid"))
        assert not patience.allows("uid")
        clock.now += patience.pause("uid")
        assert patience.allows("uid")
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_applications_do_not_wait_for_each_other() -> None:
    patience = Patience(Clock())
    patience.note("one")
    assert patience.allows("other")


def test_after_a_quiet_quarter_of_an_hour_it_begins_anew() -> None:
    clock = Clock()
    patience = Patience(clock)
    for _ in range(5):
        patience.note("uid")
    clock.now += 901
    patience.note("uid")
    assert patience.pause("uid") == 2


def test_very_many_repairs_are_no_trouble() -> None:
    patience = Patience(Clock())
    for _ in range(5000):
        patience.note("uid")
    assert patience.pause("uid") == 300

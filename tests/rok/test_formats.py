"""Values as tables show them."""

from __future__ import annotations

import click
import pytest

from rok.formats import Duration, date, pairs, reason, reference, short_span, span


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0s"), (59.9, "59s"), (192, "3m12s"), (3600, "1h"), (8040, "2h14m"), (86400 * 5 + 3 * 3600, "5d3h")],
)
def test_a_length_of_time_has_two_units_at_most(seconds: float, shown: str) -> None:
    assert span(seconds) == shown


def test_short_lengths_of_time_have_a_decimal() -> None:
    assert [short_span(0.44), short_span(12.3), short_span(61)] == ["0.4s", "12.3s", "1m1s"]


def test_dates_are_in_utc_without_fractions() -> None:
    assert date("2026-11-24T12:00:01.123456+01:00") == "2026-11-24 11:00:01"
    assert date(None) == "None"


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("10m", 600), ("1.5h", 5400), ("0", 0)]
)
def test_lengths_of_time_on_the_command_line(text: str, seconds: float) -> None:
    assert Duration().convert(text, None, None) == seconds


def test_a_wrong_length_of_time_says_what_is_right() -> None:
    with pytest.raises(click.BadParameter, match="such as 90s, 10m or 1h"):
        Duration().convert("soon", None, None)


def test_labels_are_sorted_lines() -> None:
    assert pairs({"b": 1, "a": 2}) == "a: 2\nb: 1"


def test_a_reference_shows_a_foreign_namespace_only() -> None:
    ref = {"name": "edge", "namespace": "a"}
    assert (reference(ref, "a"), reference(ref, "b"), reference(None, "a")) == ("edge", "a/edge", "None")


def test_a_reason_is_its_code_and_its_sentence() -> None:
    assert reason({"reason": {"code": "NOT_READY", "message": "too slow"}}) == "NOT_READY: too slow"

"""Quantities of Kubernetes: exact, rounded as Kubernetes rounds, and refused where they are none."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kubernetes.utils.quantity import parse_quantity as theirs

from krake.models.quantities import offered, parse_quantity, requested, shown_amount

SUFFIXES = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]


@given(st.integers(0, 10**6), st.integers(0, 999), st.sampled_from(SUFFIXES))
def test_it_agrees_with_the_kubernetes_client(whole: int, thousandths: int, suffix: str) -> None:
    text = f"{whole}.{thousandths:03}{suffix}"
    # Their decimals have 28 digits; ours are exact.
    assert abs(parse_quantity(text) - Fraction(theirs(text))) <= Fraction(theirs(text)) / 10**26


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("500m", Fraction(1, 2)),
        ("1.5Gi", 3 * 2**29),
        ("2e3", 2000),
        ("1E-3", Fraction(1, 1000)),
        ("-1", -1),
        (3, 3),
    ],
)
def test_values(text: object, value: Fraction) -> None:
    assert parse_quantity(text) == value


@pytest.mark.parametrize(
    "text", ["", "abc", "1 Gi", "1KI", "1e", "1e999", "0x1", "\u0661", "1" * 50, None, True, []]
)
def test_what_is_no_quantity_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="is not a quantity"):
        parse_quantity(text)


def test_requests_are_rounded_up_and_offers_down() -> None:
    assert (requested("cpu", "1n"), offered("cpu", "1999999n")) == (1, 1)
    assert (requested("memory", "0.5"), offered("memory", "1500m")) == (1, 1)
    assert requested("nvidia.com/gpu", "2") == 2


@pytest.mark.parametrize("text", ["-1", "2Ei", "9e99"])
def test_what_nobody_can_have_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"negative|larger than anything"):
        requested("memory", text)


@pytest.mark.parametrize(
    ("dimension", "amount", "text"),
    [
        ("cpu", 500, "0.5"),
        ("cpu", 2000, "2"),
        ("memory", 3 * 2**29, "1.5Gi"),
        ("memory", 10**9, "953.674Mi"),
        ("memory", 12, "12"),
        ("pods", 110, "110"),
        ("nvidia.com/gpu", 1, "1"),
    ],
)
def test_amounts_are_shown_for_people(dimension: str, amount: int, text: str) -> None:
    assert shown_amount(dimension, amount) == text

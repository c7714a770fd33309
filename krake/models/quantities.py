"""Kubernetes quantities, exactly: `500m`, `1.5Gi`, `2e3`, and the whole numbers that placement counts with.

Placement counts as the Kubernetes scheduler does: CPU in thousandths of a core, everything else in whole
units (bytes, Pods, devices), so that sums of thousands of requests are exact.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction
from functools import lru_cache
from typing import Any

CPU = "cpu"
MEMORY = "memory"
STORAGE = "ephemeral-storage"
PODS = "pods"

CORE = (CPU, MEMORY, STORAGE, PODS)
"""Dimensions that every node has; all others are extended resources, such as GPUs."""

LARGEST = 2**60
"""Largest amount that is accepted, in the unit that is counted in: sums stay far below what 64 bits hold."""

_QUANTITY = re.compile(
    r"(?P<number>[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40}))(?P<suffix>[a-zA-Z]{0,2}|[eE][+-]?\d{1,2})",
    re.ASCII,
)
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}


@lru_cache(maxsize=4096)
def _parse(text: str) -> Fraction:
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise ValueError(f"{text[:60]!r} is not a quantity such as 500m, 2 or 1.5Gi")
    number, suffix = Fraction(match["number"]), match["suffix"]
    if suffix in _DECIMAL:
        return number * _power_of_ten(_DECIMAL[suffix])
    if suffix in _BINARY:
        return number * int(1024 ** _BINARY[suffix])
    if suffix[0] in "eE" and suffix[1:]:
        return number * _power_of_ten(int(suffix[1:]))
    raise ValueError(f"{text[:60]!r} is not a quantity: {suffix!r} is no suffix of Kubernetes")


def _power_of_ten(exponent: int) -> Fraction:
    return Fraction(10**exponent) if exponent >= 0 else Fraction(1, 10**-exponent)


def parse_quantity(value: Any) -> Fraction:
    """The exact value of a quantity as manifests and nodes carry it: text or a number.

    Raises:
        ValueError: it is none; the message says so, and fits behind the name of the field.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(f"{str(value)[:60]!r} is not a quantity such as 500m, 2 or 1.5Gi")
    return _parse(value if isinstance(value, str) else str(value))


def requested(dimension: str, value: Any) -> int:
    """A request in the unit that placement counts in, rounded up as Kubernetes does.

    Raises:
        ValueError: it is no quantity, is negative, or is beyond all reason.
    """
    return _whole(math.ceil(parse_quantity(value) * _unit(dimension)), value)


def offered(dimension: str, value: Any) -> int:
    """What a node offers in the unit that placement counts in, rounded down: nothing is promised twice.

    Raises:
        ValueError: it is no quantity, is negative, or is beyond all reason.
    """
    return _whole(math.floor(parse_quantity(value) * _unit(dimension)), value)


def is_extended(dimension: str) -> bool:
    """Whether only some nodes have it: a device, or huge pages."""
    return dimension not in CORE


def shown_amount(dimension: str, amount: int) -> str:
    """An amount for people: `2`, `0.5`, `1.5Gi`; rounded to three decimals where it has more."""
    if dimension == CPU:
        return _decimal(amount / 1000)
    if dimension in (MEMORY, STORAGE) or dimension.startswith("hugepages-"):
        for suffix, power in reversed(_BINARY.items()):
            if abs(amount) >= 1024**power:
                return _decimal(amount / 1024**power) + suffix
    return str(amount)


def _unit(dimension: str) -> int:
    return 1000 if dimension == CPU else 1


def _whole(amount: int, value: Any) -> int:
    if amount < 0:
        raise ValueError(f"{str(value)[:60]!r} is negative")
    if amount > LARGEST:
        raise ValueError(f"{str(value)[:60]!r} is larger than anything there is")
    return amount


def _decimal(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")

"""How many examples generated tests try: few on every run, many on demand (`make fuzz`)."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

VARIABLE = "KRAKE_FUZZ_EXAMPLES"
"""Examples of each generated test; where it is not set, a few that are the same in every run."""


def budget(examples: int) -> settings:
    """The settings of a generated test that usually tries so many examples."""
    asked = os.environ.get(VARIABLE)
    return settings(
        max_examples=int(asked) if asked else examples,
        derandomize=not asked,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )

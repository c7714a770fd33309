"""The value of a metric on one candidate, and whether it can be believed."""

from __future__ import annotations

import math
from typing import NamedTuple

from krake.models.reasons import ReasonCode

_FAILURES = {
    ReasonCode.INVALID_METRIC: "its provider has no number for it",
    ReasonCode.UNREACHABLE_METRICS_PROVIDER: "its provider does not answer",
    ReasonCode.UNKNOWN_METRIC: "there is no such metric",
    ReasonCode.UNKNOWN_METRICS_PROVIDER: "its provider does not exist",
}


class Limits(NamedTuple):
    """What a metric's values have to be within, and what brings them between 0 and 1."""

    minimum: float
    maximum: float
    allowed: tuple[float, ...] = ()
    """The only values there are; empty for any within the range."""
    max_age: float = math.inf
    """Seconds after which a value is too old to decide on."""

    @property
    def valid(self) -> bool:
        """Whether values can be brought between 0 and 1; admission refuses metrics of which they cannot."""
        return self.minimum < self.maximum

    def normalise(self, raw: float) -> float:
        """The value between 0 and 1 of a raw value within the limits."""
        return (raw - self.minimum) / (self.maximum - self.minimum)


class Sample(NamedTuple):
    """One value. Whoever collects it says what failed; what is wrong with the value itself is found here."""

    raw: float | None
    """As the provider gave it; None where it gave none."""
    age: float
    """Seconds since the provider gave it."""
    weight: float
    """The candidate's own weight for the metric; 0 offers it to preferences and constraints only."""
    limits: Limits
    failing: ReasonCode | None = None
    """Why there is no value to be had (codes 91 to 94); None where all is well."""
    inherited: bool = False
    """Whether the candidate has it from its cloud."""

    @property
    def trouble(self) -> tuple[ReasonCode, str] | None:
        """Why the value cannot be used: a code, and what was found; None if it can."""
        if self.failing is not None:
            return self.failing, _FAILURES.get(self.failing, "no value")
        raw, limits = self.raw, self.limits
        if raw is None or math.isnan(raw):
            return ReasonCode.INVALID_METRIC, "no value"
        if not limits.valid:
            return ReasonCode.INVALID_METRIC, f"range {limits.minimum:g} to {limits.maximum:g} is empty"
        if not limits.minimum <= raw <= limits.maximum:
            span = f"from {limits.minimum:g} to {limits.maximum:g}"
            return ReasonCode.INVALID_METRIC, f"{raw:g}, allowed {span}"
        if limits.allowed and raw not in limits.allowed:
            allowed = ", ".join(f"{value:g}" for value in limits.allowed)
            return ReasonCode.INVALID_METRIC, f"{raw:g}, allowed {allowed}"
        if self.age > limits.max_age:
            found = f"{self.age:.0f}s old, allowed {limits.max_age:.0f}s"
            return ReasonCode.UNREACHABLE_METRICS_PROVIDER, found
        return None

    @property
    def normalised(self) -> float | None:
        """The value between 0 and 1; None while there is trouble."""
        if self.raw is None or self.trouble is not None:
            return None
        return self.limits.normalise(self.raw)

"""Metrics: what they are, where their values come from, and what they weigh."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, FiniteFloat, model_validator
from pydantic_core import PydanticCustomError

from krake.models.base import Answer, Model
from krake.models.metadata import Metadata, Name
from krake.models.providers import ProviderSpec


def _check_number(value: Any) -> Any:
    # Before the union of int and float, which would take a truth value as a number.
    if isinstance(value, bool) or (isinstance(value, float) and not math.isfinite(value)):
        raise PydanticCustomError("finite_number", "Input should be a finite number")
    return value


Number = Annotated[int | float, BeforeValidator(_check_number)]
"""A number as it was written: whole ones stay whole."""


class MetricRef(Model):
    """A metric that a cluster or a cloud has, and what it weighs when candidates are ranked."""

    name: Name
    weight: FiniteFloat
    namespaced: bool = False
    """Whether a Metric of the resource's namespace is meant, and not a GlobalMetric."""
    alias: Name | None = None
    """What constraints and preferences call it where that is not its name: a metric has one value, so what
    they call `latency` has to be `latency_de` on one cluster and `latency_it` on another."""

    @property
    def known_as(self) -> str:
        """What constraints and preferences call it."""
        return self.alias or self.name


def _check_refs(refs: list[MetricRef]) -> list[MetricRef]:
    names = [ref.known_as for ref in refs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise PydanticCustomError("metrics", "Named twice: {names}", {"names": ", ".join(twice)})
    return refs


MetricRefs = Annotated[list[MetricRef], AfterValidator(_check_refs)]
"""Metrics, each named once."""


class Direction(StrEnum):
    """Which end of a metric's range is the better one."""

    MAXIMISE = "maximise"
    MINIMISE = "minimise"


class Preference(Model):
    """What an application values in a cluster beyond what the clusters' own weights say."""

    metric: Name
    weight: Annotated[FiniteFloat, Field(gt=0)] = 1.0
    direction: Direction = Direction.MAXIMISE


class MetricProviderRef(Model):
    """Where the values come from: a provider of the same scope, and the metric's name there."""

    name: Name
    metric: Annotated[str, Field(min_length=1, max_length=1024)]


class MetricSpec(Model):
    """A metric's range, by which values are brought between 0 and 1, and its provider."""

    min: FiniteFloat
    max: FiniteFloat
    allowed_values: list[Number] = Field(default_factory=list)
    """Where the value has to be one of a few; empty allows the whole range."""
    max_age: Annotated[FiniteFloat, Field(gt=0)] | None = None
    """Seconds after which a value is too old to decide on; the server's default where it is not given."""
    provider: MetricProviderRef

    @model_validator(mode="after")
    def _check_range(self) -> MetricSpec:
        if not self.min < self.max:
            raise PydanticCustomError(
                "metric_range",
                "min has to be less than max: values are ranked by (value - min) / (max - min)",
            )
        outside = [value for value in self.allowed_values if not self.min <= value <= self.max]
        if outside:
            raise PydanticCustomError(
                "metric_range",
                "allowed_values outside of min and max: {outside}",
                {"outside": ", ".join(map(str, outside[:5]))},
            )
        return self


class MetricStatus(Answer):
    """Metrics have no status of their own: values are kept by cluster and by cloud."""


class Metric(Model):
    """A metric for the clusters and clouds of its namespace."""

    api: Literal["core"] = "core"
    kind: Literal["Metric"] = "Metric"
    metadata: Metadata
    spec: MetricSpec
    status: MetricStatus = Field(default_factory=MetricStatus)


class GlobalMetric(Model):
    """A metric for clusters and clouds of all namespaces."""

    api: Literal["core"] = "core"
    kind: Literal["GlobalMetric"] = "GlobalMetric"
    metadata: Metadata
    spec: MetricSpec
    status: MetricStatus = Field(default_factory=MetricStatus)


class MetricsProvider(Model):
    """A source of values for the metrics of its namespace."""

    api: Literal["core"] = "core"
    kind: Literal["MetricsProvider"] = "MetricsProvider"
    metadata: Metadata
    spec: ProviderSpec
    status: MetricStatus = Field(default_factory=MetricStatus)


class GlobalMetricsProvider(Model):
    """A source of values for global metrics."""

    api: Literal["core"] = "core"
    kind: Literal["GlobalMetricsProvider"] = "GlobalMetricsProvider"
    metadata: Metadata
    spec: ProviderSpec
    status: MetricStatus = Field(default_factory=MetricStatus)

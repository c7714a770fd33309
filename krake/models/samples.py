"""Metrics with the newest values that providers gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple


class MetricKey(NamedTuple):
    """The address of a metric."""

    namespaced: bool
    namespace: str
    """Empty for a global one."""
    name: str


def metric_key(ref: Mapping[str, Any], namespace: str) -> MetricKey:
    """The metric that a reference of a resource in this namespace means."""
    namespaced = bool(ref.get("namespaced"))
    return MetricKey(namespaced, namespace if namespaced else "", ref["name"])


def known_as(ref: Mapping[str, Any]) -> str:
    """What constraints and preferences call the metric that a reference means."""
    return str(ref.get("alias") or ref["name"])


@dataclass(frozen=True, slots=True)
class Measured:
    """A metric with its newest value."""

    uid: str
    spec: Mapping[str, Any]
    value: float | None = None
    at: datetime | None = None
    """When the provider gave the value."""
    code: str = ""
    """The code of the reason why the last attempt gave none; empty where it did."""
    message: str = ""


Catalogue = Mapping[MetricKey, Measured]

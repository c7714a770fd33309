"""Systems that values of metrics come from: one module for each type of provider."""

from __future__ import annotations

from typing import Any

from activities.metrics_providers.base import Provider, ProviderError
from activities.metrics_providers.influx import InfluxReader
from activities.metrics_providers.kafka import KafkaReader
from activities.metrics_providers.prometheus import PrometheusReader
from activities.metrics_providers.static import StaticReader
from krake.models.providers import Influx, Kafka, Prometheus, Static

__all__ = ["Provider", "ProviderError", "provider_of"]


def provider_of(spec: dict[str, Any]) -> Provider:
    """The reader for a provider's full spec, secrets included."""
    kind = spec["type"]
    part = spec[kind]
    if kind == "prometheus":
        return PrometheusReader(Prometheus.model_validate(part))
    if kind == "kafka":
        return KafkaReader(Kafka.model_validate(part))
    if kind == "influx":
        return InfluxReader(Influx.model_validate(part))
    return StaticReader(Static.model_validate(part))

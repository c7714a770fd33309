"""Metrics and their providers: what is accepted, what is refused, and that secrets stay secret."""

from __future__ import annotations

from typing import Any

import pytest

from krake.models.kubeconfig import REDACTED
from krake.models.metrics import (
    GlobalMetric,
    GlobalMetricsProvider,
    Metric,
    MetricRef,
    MetricsProvider,
    Preference,
)
from krake.models.providers import redact_provider, restore_provider
from tests.krake.models.documents import errors

PROVIDER = {"name": "prometheus", "metric": "node_load1"}
INFLUX = {"url": "https://influx:8086", "token": "very secret", "org": "o", "bucket": "b"}


def metric(**spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "load"}, "spec": {"min": 0, "max": 5, "provider": PROVIDER, **spec}}


def provider(kind: str, **part: Any) -> dict[str, Any]:
    return {"metadata": {"name": "source"}, "spec": {"type": kind, kind: part}}


@pytest.mark.parametrize("model", [Metric, GlobalMetric])
def test_numbers_stay_as_they_were_written(model: type[Metric]) -> None:
    made = model.model_validate(metric(allowed_values=[1, 2.5, 5]))
    assert made.kind == model.__name__
    assert str(made.model_dump(mode="json")["spec"]["allowed_values"]) == "[1, 2.5, 5]"


@pytest.mark.parametrize(
    ("spec", "field", "message"),
    [
        ({"min": 5}, "spec", "min has to be less than max"),
        ({"min": 6}, "spec", "min has to be less than max"),
        ({"max": float("inf")}, "spec.max", "finite"),
        ({"allowed_values": [1, 7, -1]}, "spec", "allowed_values outside of min and max: 7, -1"),
        ({"allowed_values": [True]}, "spec.allowed_values.0", "finite number"),
        ({"max_age": 0}, "spec.max_age", "greater than 0"),
        ({"unit": "s"}, "spec.unit", "not permitted"),
        ({"provider": {"name": "p", "metric": ""}}, "spec.provider.metric", "at least 1"),
    ],
)
def test_a_metric_that_cannot_be_ranked_is_refused(spec: dict[str, Any], field: str, message: str) -> None:
    assert message in errors(Metric, metric(**spec))[field]


def test_weights_are_finite() -> None:
    assert MetricRef.model_validate({"name": "load", "weight": -1.5}).namespaced is False
    assert MetricRef.model_validate({"name": "load", "weight": 1}).known_as == "load"
    assert MetricRef.model_validate({"name": "load_de", "weight": 1, "alias": "load"}).known_as == "load"
    assert "finite" in errors(MetricRef, {"name": "load", "weight": float("nan")})["weight"]
    assert "greater than 0" in errors(Preference, {"metric": "load", "weight": 0})["weight"]
    assert "direction" in errors(Preference, {"metric": "load", "direction": "up"})


@pytest.mark.parametrize(
    "document",
    [
        provider("prometheus", url="http://prometheus:9090"),
        provider("prometheus", url="https://p", username="me", password="x", ca_certificate="PEM", timeout=5),
        provider("kafka", url="http://ksql:8088", table="metrics", comparison_column="id", value_column="v"),
        provider("influx", **INFLUX),
        provider("static", metrics={"load": 1, "energy": 0.5}),
    ],
)
def test_every_type_of_provider(document: dict[str, Any]) -> None:
    for model in (MetricsProvider, GlobalMetricsProvider):
        spec = model.model_validate(document).spec.model_dump(mode="json", exclude_unset=True)
        assert spec == document["spec"]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"type": "ganglia"}, "Unknown type 'ganglia'. There are: prometheus, kafka, influx, static"),
        ({}, "The field 'type' is required. There are: prometheus"),
        ({"type": []}, "Unknown type []"),
        ({"type": "static"}, "Field required"),
        ({"type": "static", "influx": INFLUX}, "not permitted"),
        (provider("prometheus", url="ftp://x")["spec"], "http:// or https://"),
        (provider("prometheus", url="http://me:pw@x")["spec"], "The address holds credentials"),
        (
            provider("kafka", url="http://x", table="a; DROP", comparison_column="b", value_column="c")[
                "spec"
            ],
            "should match pattern",
        ),
        (provider("static", metrics={"load": float("inf")})["spec"], "finite"),
    ],
)
def test_a_provider_that_cannot_be_asked_is_refused(spec: dict[str, Any], message: str) -> None:
    found = errors(MetricsProvider, {"metadata": {"name": "source"}, "spec": spec})
    assert any(message in one for one in found.values()), found


def test_secrets_are_not_shown_and_can_be_sent_back() -> None:
    made = MetricsProvider.model_validate(provider("influx", **INFLUX))
    assert "very secret" not in repr(made)
    stored = made.spec.model_dump(mode="json")
    shown = redact_provider(stored)
    assert shown["influx"]["token"] == REDACTED
    assert restore_provider(shown, stored) == stored
    assert stored["influx"]["token"] == "very secret"


def test_a_redacted_secret_is_not_sent_to_another_server() -> None:
    stored = provider("influx", **INFLUX)["spec"]
    moved = {"type": "influx", "influx": {**INFLUX, "token": REDACTED, "url": "https://evil"}}
    with pytest.raises(ValueError, match="give the credentials again"):
        restore_provider(moved, stored)
    with pytest.raises(ValueError, match="no value of it is stored"):
        restore_provider(redact_provider(stored), provider("static", metrics={})["spec"])

"""`rok core metric`, `globalmetric` and their providers against a real API."""

from __future__ import annotations

import pytest

from tests.rok.cli import Rok


def test_a_provider_and_a_metric_through_their_lives(rok: Rok) -> None:
    rok("core", "mp", "create", "fixed", "--type", "static", "-m", "load", "0.5", "-m", "cost", "3").ok()
    created = rok("core", "metric", "create", "load", "--mp-name", "fixed", "--min", "0", "--max", "1").ok()
    assert "| provider" in created.out
    rok("core", "mp", "update", "fixed", "-m", "load", "0.7").ok()
    assert rok("core", "mp", "get", "fixed", "-o", "json").json["spec"]["static"]["metrics"] == {
        "load": 0.7,
        "cost": 3.0,
    }
    updated = rok("core", "metric", "update", "load", "--max", "10", "--allowed-values", "2", "-o", "json")
    assert updated.json["spec"] == {
        "min": 0.0,
        "max": 10.0,
        "allowed_values": [2],
        "max_age": None,
        "provider": {"name": "fixed", "metric": "load"},
    }
    listed = rok("core", "metric", "list").ok().out
    assert "load" in listed
    assert "fixed" in listed
    assert rok("core", "metric", "list", "--all", "-o", "json").json["kind"] == "MetricList"
    rok("core", "mp", "delete", "fixed").ok()
    assert "still used by metric" in rok("core", "mp", "events", "fixed").ok().out.replace("\n", " ")
    rok("core", "metric", "delete", "load").ok()
    gone = rok("core", "metric", "get", "load")
    assert gone.code != 0
    assert "Metric 'load' does not exist" in gone.err


def test_global_ones_need_no_namespace(rok: Rok, namespace: str) -> None:
    name = f"prom-{namespace}"
    options = ("--type", "prometheus", "--url", "http://prometheus:9090", "--token", "a-very-secret-token")
    shown = rok("core", "gmp", "create", name, *options).ok()
    assert "a-very-secret-token" not in shown.out
    assert "<redacted>" in shown.out
    kept = rok("core", "gmp", "update", name, "--provider-timeout", "3", "-o", "yaml").ok().out
    assert "timeout: 3.0" in kept
    rok("core", "gm", "create", name, "--gmp-name", name, "--min", "0", "--max", "1").ok()
    assert rok("core", "gm", "get", name, "-o", "json").json["metadata"]["namespace"] is None
    assert name in rok("core", "globalmetric", "list", "-o", "wide").ok().out
    near = rok("core", "gm", "get", name[:-1])
    assert f"Did you mean {name}" in near.err
    rok("core", "gm", "delete", name).ok()
    rok("core", "gmp", "delete", name).ok()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("mp", "create", "a", "--type", "x"), "Invalid metrics provider type: 'x'"),
        (
            ("mp", "create", "a", "--type", "prometheus"),
            "Metrics provider type 'prometheus' requires --url to be specified",
        ),
        (
            ("mp", "create", "a", "--type", "kafka", "--url", "http://k"),
            "requires --comparison-column, --value-column, --table to be specified",
        ),
        (
            ("mp", "create", "a", "--type", "static", "-m", "a", "1", "--org", "o"),
            "--org is not a valid argument for metrics providers of type static",
        ),
        (("mp", "update", "a"), "At least one argument must be specified."),
        (("metric", "update", "a"), "At least one argument must be specified."),
    ],
)
def test_options_that_do_not_fit(rok: Rok, arguments: tuple[str, ...], message: str) -> None:
    answer = rok("core", *arguments)
    assert answer.code == 2
    assert message in " ".join(answer.err.split())

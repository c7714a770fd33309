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
    updated = rok(
        "core", "metric", "update", "load", "--max", "10", "--allowed-values", "2", "5", "-o", "json"
    )
    assert updated.json["spec"] == {
        "min": 0.0,
        "max": 10.0,
        "allowed_values": [2, 5],
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


def test_clusters_have_metrics_and_applications_want_something_of_them(
    rok: Rok, kubeconfig: str, manifest: str
) -> None:
    options = ("-m", "load", "1.5", "--global-metric", "cost", "-1", "-m", "latency=latency_de", "0")
    rok("kube", "cluster", "register", "-k", kubeconfig, *options).ok()
    shown = rok("kube", "cluster", "get", "edge").ok().out
    assert "load, weight 1.5" in shown
    assert "cost, weight -1" in shown
    assert "latency (metric latency_de), weight 0" in shown
    changed = rok("kube", "cluster", "update", "edge", "--gm", "cost", "2", "-o", "json").ok().json
    weights = {item["name"]: item["weight"] for item in changed["spec"]["metrics"]}
    assert weights == {"load": 1.5, "cost": 2.0, "latency_de": 0.0}, "those that are there stay"
    dropped = rok("kube", "cluster", "update", "edge", "--remove-existing-metrics", "-o", "json").ok().json
    assert dropped["spec"]["metrics"] == []

    wishes = ("-M", "load < 0.8", "--prefer", "energy=2:minimise", "--prefer", "green=1")
    shown = rok("kube", "app", "create", "-f", manifest, "echo", *wishes).ok().out
    assert "load < 0.8" in shown
    assert "minimise energy, weight 2" in shown
    updated = rok(
        "kube", "app", "update", "echo", "-M", "cost = 1", "--remove-existing-preferences", "-o", "json"
    )
    assert updated.json["spec"]["constraints"]["cluster"]["metrics"] == ["load < 0.8", "cost = 1"]
    assert updated.json["spec"]["preferences"] == []
    wrong = rok("kube", "app", "update", "echo", "--prefer", "energy=much")
    assert wrong.code == 2
    assert "METRIC=WEIGHT[:minimise|maximise]" in wrong.err

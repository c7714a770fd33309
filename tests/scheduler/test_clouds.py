"""Clusters on clouds: the engine of applications on clusters, with other documents."""

from __future__ import annotations

from typing import Any

import pytest

from scheduler.clouds import (
    choose_cloud,
    cloud_of,
    cloud_wanted_by,
    constraints_of_new_cluster,
    is_better,
    on_a_new_cluster,
)
from scheduler.decide import Outcome
from scheduler.documents import wanted_by
from scheduler.record import recorded
from scheduler.render import render
from scheduler.samples import Sample
from scheduler.snapshot import Candidate, Request
from tests.scheduler.fleet import NOW, cluster, outcome, sample

GLOBAL = None


def cloud(
    name: str, namespace: str | None = "testing", metrics: dict[str, Sample] | None = None, **labels: str
) -> Candidate:
    """A cloud as its document describes it."""
    document: dict[str, Any] = {
        "api": "infrastructure",
        "kind": "Cloud" if namespace else "GlobalCloud",
        "metadata": {"name": name, "namespace": namespace, "uid": f"uid-{name}", "labels": labels},
        "status": {"state": "ONLINE"},
    }
    return cloud_of(document, metrics)


def new_cluster(labels: list[str] | None = None, metrics: list[str] | None = None) -> Request:
    """What a cluster wants of its cloud."""
    return cloud_wanted_by(
        {
            "metadata": {"name": "made", "namespace": "testing", "uid": "uid-made"},
            "spec": {"constraints": {"cloud": {"labels": labels, "metrics": metrics}}},
        }
    )


def choose(request: Request, *clouds: Candidate) -> Outcome:
    """The decision at a fixed moment."""
    return choose_cloud(request, clouds, now=NOW, trigger="test")


def name_of(found: Outcome) -> str | None:
    """The name of the chosen one."""
    return found.chosen.name if found.chosen else None


def test_labels_and_metrics_choose_the_cloud_and_the_decision_says_why() -> None:
    request = new_cluster(["location is DE"], ["cost < 0.5"])
    found = choose(
        request,
        cloud("cheap", metrics={"cost": sample(0.1)}, location="DE"),
        cloud("dear", metrics={"cost": sample(0.9)}, location="DE"),
        cloud("far", metrics={"cost": sample(0.1)}, location="FR"),
    )
    assert name_of(found) == "cheap"
    assert found.summary == "cheap: the only cloud that fits"
    decision = render(recorded(found))
    assert decision.application.kind == "Cluster"
    assert {one.cluster.name: one.refusal for one in decision.candidates} == {
        "cheap": "",
        "dear": "metric cost is 0.9, wanted < 0.5",
        "far": "label location is FR, wanted DE",
    }
    assert decision.candidates[0].cluster.kind == "Cloud"


def test_scores_are_those_of_clusters_without_stickiness() -> None:
    good, poor = {"green": sample(0.8, 2.0)}, {"green": sample(0.3, 1.0)}
    found = choose(new_cluster(), cloud("poor", metrics=poor), cloud("good", metrics=good), cloud("plain"))
    assert name_of(found) == "good"
    assert found.margin == pytest.approx(0.5)
    assert found.stickiness == 0.0


def test_own_clouds_come_before_global_ones() -> None:
    own = cloud("own", metrics={"green": sample(0.1)}, location="DE")
    all_of_us = cloud("all", GLOBAL, {"green": sample(0.9)}, location="FR")
    foreign = cloud("foreign", "other", {"green": sample(1.0)}, location="FR")
    assert name_of(choose(new_cluster(), own, all_of_us, foreign)) == "own"
    found = choose(new_cluster(["location is FR"]), own, all_of_us, foreign)
    assert name_of(found) == "all"
    told = {one.cluster.name: one.refusal for one in render(recorded(found)).candidates}
    assert told == {"all": "", "own": "label location is DE, wanted FR"}, "another tenant's is not named"


def test_without_a_fitting_cloud_the_reason_speaks_of_clouds() -> None:
    assert choose(new_cluster()).summary == "no cloud fits: there is no cloud in namespace testing"
    found = choose(new_cluster(["location is IT"]), cloud("own", location="DE"))
    assert found.summary == "no cloud fits: own (label location is DE, wanted IT)"


def test_a_failing_metric_disqualifies_a_cloud_whatever_its_state_says() -> None:
    stale = sample(0.5, age=100.0)._replace(limits=sample(0.5).limits._replace(max_age=45.0))
    document = {
        "api": "infrastructure",
        "kind": "Cloud",
        "metadata": {"name": "sky", "namespace": "testing", "uid": "1"},
        "status": {"state": "FAILING_METRICS"},
    }
    assert name_of(choose(new_cluster(), cloud_of(document, {"cost": sample(0.5)}))) == "sky"
    refused = choose(new_cluster(), cloud_of(document, {"cost": stale}))
    assert "metric cost fails (UNREACHABLE_METRICS_PROVIDER: 100s old, allowed 45s)" in refused.summary


def application(**constraints: Any) -> Request:
    """An application that needs more than a cloud can promise."""
    manifest = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "p"},
            "spec": {"containers": [{"name": "c", "resources": {"requests": {"cpu": "64"}}}]},
        }
    ]
    document = {
        "metadata": {"name": "app", "namespace": "testing", "uid": "uid-app"},
        "spec": {"constraints": {"cluster": constraints}},
    }
    return wanted_by(document, None, manifest)


def test_an_application_asks_of_a_cloud_what_its_cluster_would_inherit() -> None:
    wanted = application(
        labels=["location is DE"], metrics=["cost < 0.5"], custom_resources=["crontabs.example.org"]
    )
    request = on_a_new_cluster(wanted)
    assert name_of(choose(request, cloud("sky", metrics={"cost": sample(0.1)}, location="DE"))) == "sky"
    assert name_of(choose(request, cloud("sky", metrics={"cost": sample(0.9)}, location="DE"))) is None
    assert constraints_of_new_cluster(wanted) == {
        "cloud": {"labels": ["location is DE"], "metrics": ["cost < 0.5"]}
    }


def test_a_new_cluster_is_made_only_where_it_is_better() -> None:
    app = application()
    request = on_a_new_cluster(app)
    there = outcome(app, cluster("c1", {"green": sample(0.5)}))
    nowhere = outcome(app)
    for value, better in ((0.4, False), (0.5, False), (0.6, True)):
        made = choose(request, cloud("sky", metrics={"green": sample(value)}))
        assert is_better(made, there) is better
        assert is_better(made, nowhere) is True
    assert is_better(choose(request), there) is False
    assert is_better(choose(request), nowhere) is False

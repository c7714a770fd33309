"""What a cluster may say, and how a wrong one is refused."""

from __future__ import annotations

from typing import Any

import pytest

from krake.models.cluster import Cluster, ClusterState
from tests.krake.models.documents import cluster, errors


def test_a_minimal_cluster_gets_the_defaults() -> None:
    made = Cluster.model_validate(cluster())
    assert (made.api, made.kind) == ("kubernetes", "Cluster")
    assert made.status.state is ClusterState.PENDING
    assert (made.spec.backoff, made.spec.backoff_delay, made.spec.backoff_limit) == (1, 1, -1)


def test_a_document_as_the_original_clients_send_it_is_accepted() -> None:
    made = Cluster.model_validate(
        cluster(
            tosca={},
            custom_resources=[],
            metrics=[],
            inherit_metrics=False,
            auto_generated=False,
            constraints={"cloud": {"labels": None, "metrics": None}},
        )
    )
    assert Cluster.model_validate(made.model_dump(mode="json")) == made


@pytest.mark.parametrize(
    "fields", [{}, {"infrastructure": {}, "tosca": {"topology_template": {"outputs": {"kubeconfig": {}}}}}]
)
def test_a_cluster_has_one_origin(fields: dict[str, Any]) -> None:
    found = errors(Cluster, {"metadata": {"name": "a"}, "spec": fields})
    assert "exactly one of kubeconfig, tosca and infrastructure" in found["spec"]


def test_a_template_has_to_say_where_the_kubeconfig_is() -> None:
    found = errors(Cluster, {"metadata": {"name": "a"}, "spec": {"tosca": {"topology_template": {}}}})
    assert "outputs.kubeconfig is needed" in found["spec.tosca"]


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (cluster(kubeconfg={}), "spec.kubeconfg"),
        (cluster(constraints={"clouds": {}}), "spec.constraints.clouds"),
        ({**cluster(), "extra": 1}, "extra"),
    ],
)
def test_unknown_fields_are_refused_by_name(document: Any, field: str) -> None:
    assert errors(Cluster, document) == {field: "Extra inputs are not permitted"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("backoff", 0),
        ("backoff", 101),
        ("backoff_delay", 0),
        ("backoff_delay", 10**18),
        ("backoff_limit", -2),
    ],
)
def test_delays_and_retries_beyond_reason_are_refused(field: str, value: int) -> None:
    assert list(errors(Cluster, cluster(**{field: value}))) == [f"spec.{field}"]


@pytest.mark.parametrize("name", ["crontabs.stable.example.com", "a.b"])
def test_custom_resources_are_declared_by_their_definitions(name: str) -> None:
    assert Cluster.model_validate(cluster(custom_resources=[name])).spec.custom_resources == [name]


@pytest.mark.parametrize("name", ["crontabs", "CronTabs.example.com", ".example.com", "a..b", "a" * 260])
def test_what_cannot_be_the_name_of_a_definition_is_refused(name: str) -> None:
    found = errors(Cluster, cluster(custom_resources=["a.b", name]))
    assert list(found) == ["spec.custom_resources.1"]
    assert "<plural>.<group>" in found["spec.custom_resources.1"]

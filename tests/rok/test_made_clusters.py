"""`rok kube cluster create` and what changes clusters that Krake makes, against a real API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from krake.store import Store
from rok.config import load_config
from rok.inheriting import with_inherited
from rok.new_cluster import new_cluster
from rok.session import Session
from scheduler.clouds import choose_cloud, cloud_of, cloud_wanted_by
from scheduler.record import encode
from tests.rok.cli import Rok
from tests.rok.server import Lifecycle

LONG_AGO = "2026-01-01T00:00:00+00:00"
LAB = {"api": "infrastructure", "kind": "Cloud", "namespace": "x", "name": "lab"}
TEMPLATE = """\
tosca_definitions_version: tosca_simple_yaml_1_0
topology_template:
  outputs:
    kubeconfig: {value: none}
"""


def _cluster(rok: Rok, *words: str) -> Any:
    return rok("kube", "cluster", *words, "-o", "json").ok().json


def _made(**provisioning: Any) -> dict[str, Any]:
    """The status of a cluster that was made."""
    phase = {"phase": "ready", "since": LONG_AGO, "message": "", "applied": {}, **provisioning}
    return {"state": "ONLINE", "running_on": LAB, "kubeconfig_at": LONG_AGO, "provisioning": phase}


def test_create_sends_the_machines_and_constraints(rok: Rok) -> None:
    words = (
        *(
            "--nodes",
            "3",
            "--control-plane-nodes",
            "3",
            "--flavor",
            "medium",
            "--kubernetes-version",
            "v1.34.1",
        ),
        *("--heal", "-L", "location is DE", "-M", "load < 0.8", "--inherit-metrics", "-l", "tier=gold"),
        *("-R", "crons.stable.example.com", "--gm", "cost", "2", "--backoff", "2"),
    )
    created = _cluster(rok, "create", "edge", *words)
    spec = created["spec"]
    assert created["metadata"]["labels"] == {"tier": "gold"}
    assert spec["infrastructure"] == {
        "nodes": 3,
        "control_plane_nodes": 3,
        "flavor": "medium",
        "control_plane_flavor": None,
        "image": None,
        "kubernetes_version": "v1.34.1",
        "template": None,
        "heal": True,
    }
    assert spec["constraints"]["cloud"] == {"labels": ["location is DE"], "metrics": ["load < 0.8"]}
    assert (spec["inherit_metrics"], spec["backoff"]) == (True, 2)
    assert spec["custom_resources"] == ["crons.stable.example.com"]
    assert [ref["name"] for ref in spec["metrics"]] == ["cost"]


def test_create_without_options_leaves_all_to_the_provider(rok: Rok) -> None:
    assert _cluster(rok, "create", "edge")["spec"]["infrastructure"]["nodes"] == 1


def test_create_asks_for_the_labels_of_the_cloud() -> None:
    options: dict[str, Any] = dict.fromkeys(("cloud_labels", "cloud_metrics", "labels"), ())
    options |= dict.fromkeys(("custom_resources", "metrics", "global_metrics"), ())
    options |= dict.fromkeys(("tosca", "backoff", "backoff_delay", "backoff_limit"))
    document = new_cluster("a", "edge", inherit_labels=True, inherit_metrics=False, **options)
    assert document["metadata"]["inherit_labels"] is True
    assert document["spec"] == {"infrastructure": {}}


def test_create_and_update_take_a_template(rok: Rok, clean_surroundings: Path) -> None:
    (clean_surroundings / "cluster.yaml").write_text(TEMPLATE)
    assert _cluster(rok, "create", "edge", "-f", "cluster.yaml")["spec"]["tosca"]["topology_template"]
    assert "as its TOSCA template says" in rok("kube", "cluster", "get", "edge").ok().out
    (clean_surroundings / "cluster.yaml").write_text(TEMPLATE.replace("none", "other"))
    updated = _cluster(rok, "update", "edge", "-f", "cluster.yaml")
    assert updated["spec"]["tosca"]["topology_template"]["outputs"]["kubeconfig"] == {"value": "other"}
    scaled = rok("kube", "cluster", "scale", "edge", "--nodes", "3")
    assert scaled.code == 5
    assert "are what its TOSCA template says" in scaled.err


def test_scale_and_upgrade_change_nothing_else(rok: Rok) -> None:
    before = _cluster(rok, "create", "edge", "--flavor", "medium", "--heal")["spec"]["infrastructure"]
    assert _cluster(rok, "scale", "edge", "--nodes", "5")["spec"]["infrastructure"] == {**before, "nodes": 5}
    after = _cluster(rok, "upgrade", "edge", "--kubernetes-version", "v1.34.1", "--template", "k8s")
    wanted = {**before, "nodes": 5, "kubernetes_version": "v1.34.1", "template": "k8s"}
    assert after["spec"]["infrastructure"] == wanted


def test_update_of_constraints_and_healing(rok: Rok) -> None:
    rok("kube", "cluster", "create", "edge", "-L", "location is DE", "-M", "load < 0.8").ok()
    more = _cluster(rok, "update", "edge", "-L", "tier is gold", "-L", "location is DE", "--heal")["spec"]
    assert more["constraints"]["cloud"]["labels"] == ["location is DE", "tier is gold"], "they are added"
    assert more["infrastructure"]["heal"] is True
    emptied = ("--remove-existing-cloud-label-constraints", "--remove-existing-cloud-metric-constraints")
    less = _cluster(rok, "update", "edge", *emptied, "-L", "tier is gold", "--no-heal")["spec"]
    assert less["constraints"]["cloud"] == {"labels": ["tier is gold"], "metrics": []}
    assert less["infrastructure"]["heal"] is False


async def test_retry_and_rotation_are_asked_for(rok: Rok, lifecycle: Lifecycle) -> None:
    rok("kube", "cluster", "create", "edge").ok()
    refused = rok("kube", "cluster", "retry", "edge")
    assert refused.code == 4
    assert "No retry needed" in refused.err
    await lifecycle.write("Cluster", "edge", **_made(phase="failed"))
    assert _cluster(rok, "retry", "edge")["status"]["observed_generation"] == 0
    assert _cluster(rok, "rotate-credentials", "edge")["status"]["rotation_requested"]


async def test_get_shows_how_it_stands_at_its_cloud(rok: Rok, lifecycle: Lifecycle) -> None:
    rok("kube", "cluster", "create", "edge", "--nodes", "3", "--flavor", "medium", "-L", "a is b").ok()
    trouble = {"code": "NOT_READY", "message": "2 of 3 nodes are left at the cloud"}
    status = _made(phase="changing", message="nodes 1 → 3", nodes=2, trouble=trouble)
    end = datetime.now(UTC) + timedelta(days=12, hours=1)
    failure = {"code": "RETRIEVE_FAILED", "message": "the CA is gone"}
    credentials = {"credentials_expire": end.isoformat(), "rotation_failure": failure}
    await lifecycle.write("Cluster", "edge", **status, cluster_id="i-42", **credentials)
    shown = rok("kube", "cluster", "get", "edge").ok().out
    for words in (
        "lab",
        "i-42",
        "changing for ",
        "nodes 1 → 3",
        "0/0 ready, 2 counted at the cloud, 3 wanted",
        "NOT_READY: 2 of 3 nodes are left at the cloud",
        "3 workers medium",
        "a is b",
        "in 12 days",
        "RETRIEVE_FAILED: the CA is gone",
        "rok kube cluster rotate-credentials",
    ):
        assert words in shown
    assert "lab" in rok("kube", "cluster", "list", "-o", "wide", COLUMNS="300").ok().out
    narrow = rok("kube", "cluster", "list", COLUMNS="80").ok().out
    assert max(map(len, narrow.splitlines())) <= 80
    assert "on lab" in rok("tree").ok().out
    described = rok("describe", "cluster", "edge").ok().out
    assert "i-42" in described
    assert "| Provisioned | yes " in described


async def test_credentials_of_a_registered_cluster(rok: Rok, kubeconfig: str, lifecycle: Lifecycle) -> None:
    rok("kube", "cluster", "register", "-k", kubeconfig).ok()
    assert "credentials" not in rok("kube", "cluster", "get", "edge").ok().out
    await lifecycle.write("Cluster", "edge", credentials_expire=LONG_AGO)
    shown = rok("kube", "cluster", "get", "edge").ok().out
    assert "expired" in shown
    assert "rok kube cluster update --kubeconfig" in shown
    scaled = rok("kube", "cluster", "scale", "edge", "--nodes", "3")
    assert scaled.code == 5
    assert "it was registered by its kubeconfig" in scaled.err


async def test_metrics_of_the_cloud_are_marked(rok: Rok, namespace: str, lifecycle: Lifecycle) -> None:
    rok("infra", "ip", "register", "sandbox", "--type", "custom", "--provider", "sandbox").ok()
    words = ("--type", "custom", "--infra-provider", "sandbox", "-l", "zone=a")
    rok("infra", "cloud", "register", "lab", *words, "--metric", "load", "2", "--gm", "cost", "1").ok()
    rok("kube", "cluster", "create", "edge", "--inherit-metrics", "--metric", "load", "1").ok()
    await lifecycle.write("Cluster", "edge", scheduled_to={**LAB, "namespace": namespace})
    shown = rok("kube", "cluster", "get", "edge").ok().out
    assert "cost, weight 1 (inherited)" in shown
    assert "load, weight 1 " in shown, "its own metrics win"
    assert "load, weight 2" not in shown
    assert "inherited" not in rok("kube", "cluster", "get", "edge", "-o", "yaml").ok().out
    rok("infra", "cloud", "delete", "lab", "--policy", "cascade").ok()


def test_labels_of_the_cloud_win_and_are_marked(rok: Rok) -> None:
    rok("infra", "ip", "register", "sandbox", "--type", "custom", "--provider", "sandbox").ok()
    words = ("--type", "custom", "--infra-provider", "sandbox", "-l", "zone=a")
    rok("infra", "cloud", "register", "lab", *words).ok()
    session = Session()
    session.config = load_config(None, rok.environment)
    metadata = {"name": "edge", "labels": {"zone": "b", "tier": "gold"}, "inherit_labels": True}
    place = {**LAB, "namespace": rok.environment["ROK_NAMESPACE"]}
    document = {"kind": "Cluster", "metadata": metadata, "spec": {}, "status": {"scheduled_to": place}}
    shown = with_inherited(session, session.connect(), document)
    assert shown["metadata"]["labels"] == {"zone": "a (inherited)", "tier": "gold"}
    gone = {**document, "status": {"scheduled_to": {**place, "name": "other"}}}
    assert with_inherited(session, session.connect(), gone) is gone, "the cluster is still worth showing"


async def test_explain_shows_every_cloud(rok: Rok, store: Store, namespace: str) -> None:
    rok("kube", "cluster", "create", "edge", "-L", "location is DE").ok()
    nothing = rok("kube", "cluster", "explain", "edge")
    assert nothing.code == 3
    assert "Nothing was decided about cluster 'edge'" in nothing.err
    record = await store.get("Cluster", namespace, "edge")
    clouds = [
        {
            "api": "infrastructure",
            "kind": "Cloud" if place else "GlobalCloud",
            "metadata": {
                "name": name,
                "namespace": place,
                "uid": f"uid-{name}",
                "labels": {"location": label},
            },
            "status": {"state": "ONLINE"},
        }
        for name, place, label in (("lab", namespace, "FR"), ("dresden", None, "DE"))
    ]
    document = {"metadata": {"name": "edge", "namespace": namespace, "uid": record.uid}, "spec": record.spec}
    outcome = choose_cloud(
        cloud_wanted_by(document), map(cloud_of, clouds), now=datetime.now(UTC), trigger="creation"
    )
    async with store.transaction() as transaction:
        await transaction.record_decision(record, encode(outcome))
    shown = rok("kube", "cluster", "explain", "edge").ok().out
    assert "Cluster edge goes to dresden" in shown
    assert "| cloud" in shown
    assert "dresden (global)" in shown
    assert "lab" in shown


RESOURCES = """\
api: infrastructure
kind: InfrastructureProvider
metadata: {name: sandbox}
spec: {type: custom, custom: {name: sandbox}}
---
api: infrastructure
kind: Cloud
metadata: {name: lab}
spec:
  type: custom
  custom: {options: {limit: 3}, infrastructure_provider: {name: sandbox, namespaced: true}}
---
api: kubernetes
kind: Cluster
metadata: {name: edge}
spec: {infrastructure: {nodes: 2}}
"""


def test_files_hold_clouds_and_made_clusters(rok: Rok, clean_surroundings: Path) -> None:
    file = clean_surroundings / "all.yaml"
    file.write_text(RESOURCES)
    rok("apply", "-f", "all.yaml").ok()
    rok("diff", "-f", "all.yaml").ok()
    file.write_text(RESOURCES.replace("nodes: 2", "nodes: 3"))
    differs = rok("diff", "-f", "all.yaml")
    assert differs.code == 1
    assert "nodes" in differs.out
    rok("apply", "-f", "all.yaml").ok()
    assert _cluster(rok, "get", "edge")["spec"]["infrastructure"]["nodes"] == 3


def test_fields_are_explained(rok: Rok) -> None:
    assert "control_plane_nodes" in rok("explain", "cluster.spec.infrastructure").ok().out
    assert "application_credential" in rok("explain", "cloud.spec", "--recursive").ok().out


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (
            ("create", "a", "-f", "cluster.yaml", "--nodes", "3"),
            2,
            "--nodes: the machines are what the template",
        ),
        (("create", "a", "-f", "app.yaml"), 5, "app.yaml holds no TOSCA template"),
        (("create", "a", "--control-plane-nodes", "2"), 2, "'2' is not one of '1', '3', '5'"),
        (("create", "a", "-L", "nonsense is"), 5, "constraints"),
        (("scale", "a"), 2, "Missing option '--nodes'"),
        (("upgrade", "a"), 2, "At least one argument must be specified."),
        (("update", "a"), 2, "At least one argument must be specified."),
        (("update", "a", "-k", "x", "-f", "y"), 2, "--file of those that Krake makes"),
        (("retry", "a"), 3, "does not exist"),
    ],
)
@pytest.mark.usefixtures("manifest")
def test_what_does_not_fit(
    rok: Rok, clean_surroundings: Path, words: tuple[str, ...], code: int, message: str
) -> None:
    (clean_surroundings / "cluster.yaml").write_text(TEMPLATE)
    answer = rok("kube", "cluster", *words)
    assert message in " ".join(answer.err.split())
    assert answer.code == code

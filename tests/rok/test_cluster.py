"""`rok kube cluster` against a real API."""

from __future__ import annotations

from pathlib import Path

from tests.rok.cli import Rok
from tests.rok.server import Lifecycle


def test_register_takes_the_name_from_the_kubeconfig(rok: Rok, kubeconfig: str) -> None:
    shown = rok("kube", "cluster", "register", "-k", kubeconfig, "-l", "location=DE").ok().out
    assert "| name                 | edge" in shown
    assert "location: DE" in shown


def test_a_registered_token_is_never_shown(rok: Rok, kubeconfig: str) -> None:
    outputs = [rok("kube", "cluster", "register", "-k", kubeconfig, "-o", "json").ok()]
    outputs += [rok("kube", "cluster", "get", "edge", "-o", form).ok() for form in ("table", "json", "yaml")]
    assert not any("a-very-secret-token" in answer.out + answer.err for answer in outputs)


def test_register_under_another_name(rok: Rok, kubeconfig: str) -> None:
    """Cloud providers put slashes into cluster names, which Krake refuses."""
    rok("kube", "cluster", "register", "-k", kubeconfig, "--name", "west").ok()
    names = [item["metadata"]["name"] for item in rok("kube", "cluster", "list", "-o", "json").json["items"]]
    assert names == ["west"]


async def test_get_counts_nodes_and_says_how_old_that_is(
    rok: Rok, kubeconfig: str, lifecycle: Lifecycle
) -> None:
    rok("kube", "cluster", "register", "-k", kubeconfig).ok()
    conditions = [{"type": "Ready", "status": "True"}, {"type": "DiskPressure", "status": "True"}]
    nodes = [
        {"metadata": {"name": "n1"}, "status": {"conditions": conditions}},
        {"metadata": {"name": "n2"}, "status": {"conditions": [{"type": "Ready", "status": "False"}]}},
    ]
    await lifecycle.write("Cluster", "edge", state="ONLINE")
    seen = {"nodes": nodes, "kubernetes_version": "v1.33.4", "observed_at": "2026-01-01T00:00:00+00:00"}
    await lifecycle.observe("Cluster", "edge", generation=1, **seen)
    shown = rok("kube", "cluster", "get", "edge").ok().out
    assert "1/2 ready" in shown
    assert "0 memory / 1 disk / 0 pid" in shown
    assert "v1.33.4" in shown
    assert "d" in shown.partition("| observed")[2].partition("ago")[0]


def test_update_labels_keeps_the_credentials(rok: Rok, kubeconfig: str) -> None:
    rok("kube", "cluster", "register", "-k", kubeconfig, "-l", "a=1").ok()
    updated = rok("kube", "cluster", "update", "edge", "-l", "b=2", "-o", "json").ok().json
    assert updated["metadata"]["labels"] == {"a": "1", "b": "2"}
    assert updated["metadata"]["generation"] == 2


def test_update_takes_a_new_kubeconfig(rok: Rok, kubeconfig: str) -> None:
    rok("kube", "cluster", "register", "-k", kubeconfig).ok()
    text = Path(kubeconfig).read_text().replace("127.0.0.1:1", "127.0.0.1:2")
    Path(kubeconfig).write_text(text)
    updated = rok("kube", "cluster", "update", "edge", "-k", kubeconfig, "-o", "json").ok().json
    assert updated["spec"]["kubeconfig"]["clusters"][0]["cluster"]["server"] == "https://127.0.0.1:2"


def test_delete_marks_the_cluster(rok: Rok, kubeconfig: str) -> None:
    rok("kube", "cluster", "register", "-k", kubeconfig).ok()
    assert rok("kube", "cluster", "delete", "edge", "-o", "json").ok().json["metadata"]["deleted"]


def test_an_unknown_context_names_those_that_are_there(rok: Rok, kubeconfig: str) -> None:
    answer = rok("kube", "cluster", "register", "-k", kubeconfig, "-c", "west")
    assert answer.code == 5
    assert "the context 'west' is not present in the provided kubeconfig file" in answer.err
    assert "edge" in answer.err


def test_context_without_kubeconfig_is_wrong_usage(rok: Rok) -> None:
    assert rok("kube", "cluster", "update", "edge", "-c", "west").code == 2

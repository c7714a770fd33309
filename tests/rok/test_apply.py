"""`rok apply`, `diff` and `delete` with files of several kinds, against a real API."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.rok.cli import Rok
from tests.rok.server import Lifecycle

FILE = """\
api: core
kind: MetricsProvider
metadata: {name: lab}
spec: {type: static, static: {metrics: {load: 0.5}}}
---
# Krake 1.x's bootstrap files are of this form, too.
api: core
kind: Metric
metadata: {name: load, labels: {team: web}}
spec: {min: 0, max: 1, provider: {name: lab, metric: load}}
---
api: kubernetes
kind: Application
metadata: {name: shop}
spec:
  manifest:
    - {apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {colour: red}}
"""


@pytest.fixture
def file(clean_surroundings: Path) -> Path:
    path = clean_surroundings / "all.yaml"
    path.write_text(FILE)
    return path


def test_apply_creates_then_configures_then_leaves_alone(rok: Rok, file: Path) -> None:
    created = rok("apply", "-f", "all.yaml").ok()
    assert created.out == "metricsprovider/lab created\nmetric/load created\napplication/shop created\n"
    assert "unchanged" in rok("apply", "-f", "all.yaml").ok().out
    file.write_text(FILE.replace("red", "blue").replace("team: web", "team: shop"))
    assert rok("apply", "-f", "all.yaml").ok().out.splitlines() == [
        "metricsprovider/lab unchanged",
        "metric/load configured",
        "application/shop configured",
    ]
    shop = rok("get", "app", "shop", "-o", "json").ok().json
    assert shop["spec"]["manifest"][0]["data"] == {"colour": "blue"}
    assert shop["metadata"]["generation"] == 2


def test_what_get_writes_can_be_applied_again(rok: Rok, file: Path, kubeconfig: str) -> None:
    """Secrets, which are redacted, and what belongs to the server stay as they are."""
    rok("apply", "-f", "all.yaml").ok()
    rok("kube", "cluster", "register", "-k", kubeconfig).ok()
    listed = rok("get", "all", "-o", "yaml").ok().out
    applied = rok("apply", "-f", "-", stdin=listed).ok().out
    assert "cluster/edge unchanged" in applied
    assert "configured" not in applied
    assert len(applied.splitlines()) >= 4


def test_a_field_that_the_file_leaves_out_returns_to_its_default(rok: Rok, file: Path) -> None:
    rok("apply", "-f", "all.yaml").ok()
    rok("kube", "app", "update", "shop", "--backoff", "3", "-l", "a=b").ok()
    assert "application/shop configured" in rok("apply", "-f", "all.yaml").ok().out
    shop = rok("get", "app", "shop", "-o", "json").ok().json
    assert shop["spec"]["backoff"] == 1
    assert shop["metadata"]["labels"] == {"a": "b"}, "labels stay where the file has none"


def test_a_dry_run_stores_nothing(rok: Rok, file: Path) -> None:
    shown = rok("apply", "-f", "all.yaml", "--dry-run").ok()
    assert "application/shop created (dry run)\n" in shown.out
    assert rok("get", "app", "shop").code == 3
    rok("apply", "-f", "all.yaml").ok()
    file.write_text(FILE.replace("red", "blue"))
    again = rok("apply", "-f", "all.yaml", "--dry-run").ok().out
    assert "metric/load unchanged (dry run)" in again
    assert "application/shop configured (dry run)" in again
    assert rok("get", "app", "shop", "-o", "json").json["metadata"]["generation"] == 1


def test_results_are_for_programs_too(rok: Rok, file: Path) -> None:
    items = rok("apply", "-f", "all.yaml", "-o", "json").ok().json["items"]
    assert [(item["kind"], item["name"], item["result"]) for item in items] == [
        ("MetricsProvider", "lab", "created"),
        ("Metric", "load", "created"),
        ("Application", "shop", "created"),
    ]
    assert items[2]["resource"]["metadata"]["uid"]
    names = rok("apply", "-f", "all.yaml", "-o", "name").ok().out
    assert names == "metricsprovider/lab\nmetric/load\napplication/shop\n"


def test_one_refusal_does_not_keep_the_others_waiting(rok: Rok, file: Path) -> None:
    file.write_text(FILE.replace("max: 1", "max: 0"))
    answer = rok("apply", "-f", "all.yaml", "-o", "json")
    assert answer.code == 5
    assert "metric/load: The request is not valid" in answer.err
    assert "min has to be less than max" in answer.err
    results = {item["name"]: item["result"] for item in answer.json["items"]}
    assert results == {"lab": "created", "load": "failed", "shop": "created"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n", "rok kube app create NAME -f FILE"),
        ("api: core\nkind: Banana\nmetadata: {name: a}\nspec: {}\n", "There is no kind core/Banana"),
        ("api: core\nkind: Metric\nspec: {}\n", "The metric has no metadata.name"),
        ("just text\n", "A resource has api, kind"),
        ("", "holds no resource"),
        ("a: [1\n", "not valid YAML or JSON"),
        (FILE + "---\nkind: 5\n", "document 4"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_before_anything_is_sent(
    rok: Rok, text: str, message: str
) -> None:
    answer = rok("apply", "-f", "-", stdin=text)
    assert answer.code == 5
    assert message in answer.err
    assert "Traceback" not in answer.err
    assert rok("get", "all").out == ""


def test_namespaces_must_not_contradict_each_other(rok: Rok) -> None:
    text = "api: core\nkind: MetricsProvider\nmetadata: {name: a, namespace: there}\nspec: {}\n"
    answer = rok("apply", "-f", "-", "-n", "here", stdin=text)
    assert (answer.code, "It is in the namespace there, and -n says here" in answer.err) == (5, True)


def test_folders_and_json(rok: Rok, clean_surroundings: Path) -> None:
    folder = clean_surroundings / "parts"
    folder.mkdir()
    provider = {"kind": "MetricsProvider", "metadata": {"name": "a"}, "spec": {"type": "static"}}
    provider["spec"] = {"type": "static", "static": {"metrics": {"x": 1}}}
    (folder / "b.json").write_text(json.dumps([provider]))
    (folder / "a.yml").write_text(json.dumps({**provider, "metadata": {"name": "b"}}))
    (folder / "notes.txt").write_text("not meant")
    assert rok("apply", "-f", "parts", "-o", "name").ok().out == "metricsprovider/b\nmetricsprovider/a\n"


async def test_apply_waits_until_all_is_ready(rok: Rok, file: Path, lifecycle: Lifecycle) -> None:
    running = await rok.start("apply", "-f", "all.yaml", "--wait", "--timeout", "30s")
    await running.prints("application/shop created")
    await lifecycle.write("Application", "shop", state="RUNNING")
    assert "Application 'shop' is RUNNING" in (await running.ends()).ok().err


def test_diff_tells_what_apply_would_change(rok: Rok, file: Path) -> None:
    missing = rok("diff", "-f", "all.yaml")
    assert missing.code == 1
    assert "--- application/shop as it is\n+++ application/shop as in all.yaml, document 3" in missing.out
    rok("apply", "-f", "all.yaml").ok()
    same = rok("diff", "-f", "all.yaml").ok()
    assert (same.out, "No difference" in same.err) == ("", True)
    file.write_text(FILE.replace("red", "blue"))
    answer = rok("diff", "-f", "all.yaml")
    assert answer.code == 1
    assert '@@ ConfigMap/settings @@\n- data.colour: "red"\n+ data.colour: "blue"\n' in answer.out
    assert "metric/load" not in answer.out
    found = rok("diff", "-f", "all.yaml", "-o", "json").json["items"]
    assert [(item["name"], item["differences"][0]["after"]) for item in found] == [("shop", "blue")]
    file.write_text("nonsense")
    assert rok("diff", "-f", "all.yaml").code > 1


def test_diff_tells_that_a_secret_changes_without_showing_it(rok: Rok, kubeconfig: str) -> None:
    rok("kube", "cluster", "register", "-k", kubeconfig).ok()
    document = rok("get", "cluster", "edge", "-o", "json").ok().json
    document["spec"]["kubeconfig"]["users"][0]["user"]["token"] = "another-secret-token"
    answer = rok("diff", "-f", "-", stdin=json.dumps(document))
    assert answer.code == 1
    assert "secret fields, which are not shown" in answer.out
    assert "another-secret-token" not in answer.out + answer.err


async def test_delete_by_file_and_by_name(rok: Rok, file: Path, lifecycle: Lifecycle) -> None:
    rok("apply", "-f", "all.yaml").ok()
    assert rok("delete", "metrics", "load", "nothing").code == 3
    assert rok("delete", "metrics", "load", "--ignore-not-found").ok().out == "metric/load not there\n"
    shown = rok("delete", "-f", "all.yaml", "--ignore-not-found").ok().out
    assert shown.splitlines() == [
        "application/shop deleted",
        "metric/load not there",
        "metricsprovider/lab deleted",
    ]
    assert rok("get", "app", "shop", "-o", "json").json["metadata"]["deleted"]
    running = await rok.start("delete", "app", "shop", "--wait", "--timeout", "30s")
    await running.prints("application/shop deleted")
    await lifecycle.remove("Application", "shop")
    assert (await running.ends()).code == 0
    assert rok("get", "app", "shop").code == 3


def test_what_to_delete_has_to_be_said_once(rok: Rok) -> None:
    for words in ((), ("app",), ("app", "shop", "-f", "x.yaml")):
        assert rok("delete", *words).code == 2
    assert rok("apply").code == 2

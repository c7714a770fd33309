"""`rok kube app diff`, `history`, `rollback`, `events -w` and `describe` against a real API."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.rok.cli import Rok
from tests.rok.server import Lifecycle

OTHER = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  text: |
    one
    two
---
apiVersion: v1
kind: Secret
metadata: {name: added}
"""


@pytest.fixture
def other(clean_surroundings: Path) -> str:
    """The path of another manifest."""
    (clean_surroundings / "other.yaml").write_text(OTHER)
    return "other.yaml"


def test_diff_shows_what_an_update_would_change_and_changes_nothing(
    rok: Rok, manifest: str, other: str
) -> None:
    rok("kube", "app", "create", "shop", "-f", manifest, "-l", "team=web").ok()
    command = ("kube", "app", "diff", "shop", "-f", other, "-l", "team=shop", "-L", "location is DE")
    answer = rok(*command, "--backoff", "3")
    assert answer.code == 1
    lines = answer.out.splitlines()
    assert lines[:2] == ["--- Application shop, generation 1", "+++ other.yaml"]
    assert lines[2:5] == ["@@ labels @@", '- team: "web"', '+ team: "shop"']
    assert lines[5:9] == ["@@ ConfigMap/settings @@", "+ data:", "+   text: |", "+     one"]
    assert "@@ Secret/added @@" in lines
    assert "+ kind: Secret" in lines
    assert lines[-2:] == ["- backoff: 1", "+ backoff: 3"]
    assert "constraints.cluster.labels" in answer.out

    found = {item["path"]: item for item in rok(*command, "-o", "json").json["items"]}
    assert found["labels.team"] == {"path": "labels.team", "before": "web", "after": "shop"}
    assert "before" not in found["manifest[Secret/added]"]
    assert rok("kube", "app", "get", "shop", "-o", "json").json["metadata"]["generation"] == 1


def test_diff_without_a_difference_and_with_errors(rok: Rok, manifest: str) -> None:
    rok("kube", "app", "create", "shop", "-f", manifest).ok()
    same = rok("kube", "app", "diff", "shop", "-f", manifest).ok()
    assert same.out == ""
    assert "No difference" in same.err
    assert rok("kube", "app", "diff", "shop", "-f", manifest, "-o", "json").ok().json == {"items": []}
    assert rok("kube", "app", "diff", "never", "-f", manifest).code == 3
    assert rok("kube", "app", "diff", "shop", "-f", "missing.yaml").code > 1
    assert rok("kube", "app", "diff", "shop", "--no-rollback").ok().out == ""


def test_an_update_that_changes_nothing_says_so(rok: Rok, manifest: str) -> None:
    rok("kube", "app", "create", "shop", "-f", manifest).ok()
    assert "Nothing to change" in rok("kube", "app", "update", "shop", "-f", manifest).ok().err
    assert "Nothing to change" not in rok("kube", "app", "update", "shop", "-l", "a=b").ok().err


async def test_history_and_rollback(rok: Rok, manifest: str, other: str, lifecycle: Lifecycle) -> None:
    created = rok("kube", "app", "create", "shop", "-f", manifest, "--rollback", "-o", "json").ok().json
    assert created["spec"]["rollback"] is True
    await lifecycle.write("Application", "shop", state="RUNNING")
    rok("kube", "app", "update", "shop", "-f", other).ok()
    reason = {"code": "NOT_READY", "message": "too late"}
    await lifecycle.write("Application", "shop", state="FAILED", reason=reason)
    shown = rok("kube", "app", "history", "shop").ok().out
    assert "failed" in shown
    assert "Secret/added added" in shown
    assert "NOT_READY: too late" in shown
    items = rok("kube", "app", "history", "shop", "-o", "json").ok().json["items"]
    assert [(item["generation"], item["state"]) for item in items] == [(2, "failed"), (1, "good")]
    one = rok("kube", "app", "history", "shop", "--generation", "1").ok().out
    assert "Generation 1 of shop, good" in one
    assert "name: settings" in one
    missing = rok("kube", "app", "history", "shop", "--generation", "7")
    assert missing.code == 3
    assert "keeps no generation 7" in missing.err

    back = rok("kube", "app", "rollback", "shop", "-o", "json").ok().json
    assert back["metadata"]["generation"] == 3
    assert back["spec"] == created["spec"]
    assert rok("kube", "app", "rollback", "shop", "--to", "2").ok()
    assert "Nothing to change" in rok("kube", "app", "rollback", "shop", "--to", "4").ok().err
    assert rok("kube", "app", "rollback", "shop", "--to", "9").code == 3
    assert rok("kube", "app", "rollback", "never").code == 3


async def test_waiting_for_an_update_that_is_rolled_back_fails_with_the_reason(
    rok: Rok, manifest: str, other: str, lifecycle: Lifecycle
) -> None:
    rok("kube", "app", "create", "shop", "-f", manifest).ok()
    await lifecycle.write("Application", "shop", state="RUNNING")
    running = await rok.start("kube", "app", "update", "shop", "-f", other, "--wait")
    await running.says("RUNNING")
    back = {
        "from": 2,
        "to": 1,
        "generation": 3,
        "reason": "NOT_READY: too late",
        "at": "2026-01-01T00:00:00Z",
    }
    await lifecycle.write("Application", "shop", state="RECONCILING", rolled_back=back)
    answer = await running.ends()
    assert answer.code == 1
    assert "was rolled back to generation 1\nNOT_READY: too late" in answer.err
    assert "from generation 2 to 1" in " ".join(rok("kube", "app", "get", "shop").ok().out.split())


async def test_events_are_followed_until_ctrl_c(rok: Rok, manifest: str, lifecycle: Lifecycle) -> None:
    rok("kube", "app", "create", "shop", "-f", manifest).ok()
    running = await rok.start("kube", "app", "events", "shop", "-w")
    await running.prints("Created")
    await lifecycle.write("Application", "shop", state="CREATING", message="applying 1 object")
    await running.prints("applying 1 object")
    running.interrupt()
    assert (await running.ends()).code == 130
    programs = await rok.start("kube", "app", "events", "shop", "-w", "-o", "json")
    await programs.prints('"type": "Creating"')
    programs.interrupt()
    await programs.ends()
    assert rok("kube", "app", "events", "never", "-w").code == 3


async def test_describe_tells_what_is_desired_what_is_and_what_happened(
    rok: Rok, manifest: str, lifecycle: Lifecycle, namespace: str
) -> None:
    rok("kube", "app", "create", "shop", "-f", manifest, "-L", "location is DE", "--rollback").ok()
    place = {"api": "kubernetes", "kind": "Cluster", "namespace": namespace}
    objects = [
        {"api_version": "v1", "kind": "ConfigMap", "name": "settings", "ready": False, "message": "no"}
    ]
    await lifecycle.write(
        *("Application", "shop"),
        state="MIGRATING",
        reason={"code": "NOT_READY", "message": "pull failed"},
        scheduled_to={**place, "name": "old"},
        scheduled_uid="uid-old",
        objects=objects,
        migration={
            "source": {**place, "name": "old"},
            "source_uid": "uid-old",
            "target": {**place, "name": "new"},
            "phase": "waiting",
            "started": "2026-01-01T00:00:00Z",
            "objects": [{**objects[0], "name": "copy", "ready": True, "message": ""}],
        },
    )
    shown = " ".join(rok("kube", "app", "describe", "shop").ok().out.split())
    for words in (
        "ConfigMap/settings",
        "location is DE",
        "NOT_READY: pull failed",
        "Migration from old to new, waiting",
        "Objects on old",
        "Objects on new",
        "ConfigMap/copy",
        "Last 2 events",
        "Migrating",
    ):
        assert words in shown
    assert shown.index("Objects on new") < shown.index("Last 2 events")
    story = json.loads(rok("kube", "app", "describe", "shop", "-o", "json").ok().out)
    assert story["resource"]["metadata"]["name"] == "shop"
    assert [event["type"] for event in story["events"]] == ["Created", "Migrating"]


async def test_a_deleted_application_still_has_its_story(
    rok: Rok, manifest: str, lifecycle: Lifecycle
) -> None:
    rok("kube", "app", "create", "shop", "-f", manifest).ok()
    await lifecycle.remove("Application", "shop")
    for command in ("events", "describe"):
        answer = rok("kube", "app", command, "shop").ok()
        assert "Created" in answer.out
        assert "Application 'shop' was deleted 0s ago" in answer.err
    assert rok("kube", "app", "history", "shop").ok()
    assert rok("kube", "app", "describe", "never").code == 3


async def test_a_cluster_is_described_without_its_credentials(
    rok: Rok, kubeconfig: str, lifecycle: Lifecycle
) -> None:
    rok("kube", "cluster", "register", "-k", kubeconfig).ok()
    ready = {"type": "Ready", "status": "False", "message": "kubelet is silent"}
    pressure = {"type": "DiskPressure", "status": "True"}
    nodes = [{"metadata": {"name": "node-1"}, "status": {"conditions": [ready, pressure]}}]
    await lifecycle.write("Cluster", "edge", state="NOTREADY", nodes=nodes, message="1 of 1 nodes not ready")
    shown = rok("kube", "cluster", "describe", "edge").ok().out
    assert "a-very-secret-token" not in shown
    for words in ("node-1", "kubelet is silent", "DiskPressure", "0 of 1 nodes ready", "Notready"):
        assert words in " ".join(shown.split())
    running = await rok.start("kube", "cluster", "events", "edge", "-w")
    await running.prints("Created")
    running.interrupt()
    await running.ends()

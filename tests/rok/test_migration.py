"""`rok kube app migrate` and `cancel` against a real API; tests play the lifecycle's part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.rok.cli import Rok
from tests.rok.server import Lifecycle

NOW = "2026-01-01T00:00:00+00:00"


def ref(namespace: str, name: str) -> dict[str, Any]:
    """A reference to a cluster."""
    return {"api": "kubernetes", "kind": "Cluster", "namespace": namespace, "name": name}


@pytest.fixture
def other_kubeconfig(kubeconfig: str) -> str:
    """The path of a kubeconfig for a cluster named other that does not exist either."""
    path = Path("other-kubeconfig")
    path.write_text(Path(kubeconfig).read_text().replace("edge", "other"))
    return str(path)


@pytest.fixture
async def shop(
    rok: Rok, manifest: str, kubeconfig: str, other_kubeconfig: str, lifecycle: Lifecycle, namespace: str
) -> Rok:
    """An application on `edge`, with `other` to go to."""
    rok("kube", "app", "create", "shop", "-f", manifest).ok()
    for name, file in {"edge": kubeconfig, "other": other_kubeconfig}.items():
        rok("kube", "cluster", "register", "-k", file).ok()
        await lifecycle.write("Cluster", name, state="ONLINE")
    edge = await lifecycle.find("Cluster", "edge")
    assert edge is not None
    here = ref(namespace, "edge")
    objects = [{"api_version": "v1", "kind": "ConfigMap", "name": "settings"}]
    bound = {"scheduled_to": here, "running_on": here, "scheduled_uid": edge.uid, "objects": objects}
    await lifecycle.write("Application", "shop", state="RUNNING", **bound)
    return rok


async def migration(lifecycle: Lifecycle, namespace: str, phase: str) -> dict[str, Any]:
    """The move that answers the request."""
    record = await lifecycle.find("Application", "shop")
    assert record is not None
    request = record.status["request"]
    return {
        "id": request["id"],
        "request": request,
        "source": ref(namespace, "edge"),
        "source_uid": record.status["scheduled_uid"],
        "target": ref(namespace, "other"),
        "target_uid": "uid-of-other",
        "phase": phase,
        "started": NOW,
        "objects": [{"kind": "ConfigMap", "name": "settings", "ready": True}],
    }


def result(move: dict[str, Any], outcome: str, **more: str) -> dict[str, Any]:
    """How the move ended."""
    ended = {"outcome": outcome, "started": NOW, "finished": NOW, **more}
    return {**{key: move[key] for key in ("id", "source", "target")}, **ended}


async def test_a_wait_shows_the_steps_and_ends_with_the_move(
    shop: Rok, lifecycle: Lifecycle, namespace: str
) -> None:
    running = await shop.start("kube", "app", "migrate", "shop", "--to", "other", "--wait")
    await running.says("Application 'shop' RUNNING")
    move = await migration(lifecycle, namespace, "applying")
    changes = {"request": None, "migration": move, "message": "applying 1 objects on other"}
    await lifecycle.write("Application", "shop", state="MIGRATING", **changes)
    await running.says("MIGRATING  applying 1 objects on other")
    shown = shop("kube", "app", "get", "shop").ok().out
    assert "from edge to other: applying" in shown
    assert "objects on other" in shown
    done = {"migration": None, "last_migration": result(move, "succeeded"), "message": ""}
    await lifecycle.write("Application", "shop", state="RUNNING", running_on=ref(namespace, "other"), **done)
    answer = (await running.ends()).ok()
    assert "Application 'shop' runs on other" in answer.err
    assert "from edge to other succeeded" in answer.out


async def test_a_move_that_fails_is_a_negative_answer(
    shop: Rok, lifecycle: Lifecycle, namespace: str
) -> None:
    running = await shop.start("kube", "app", "migrate", "shop", "--wait")
    await running.says("RUNNING")
    move = await migration(lifecycle, namespace, "applying")
    why = {"code": "NOT_READY", "message": "Deployment/web: 0 of 1"}
    await lifecycle.write("Application", "shop", request=None, last_migration=result(move, "failed", **why))
    answer = await running.ends()
    assert answer.code == 1
    assert "The migration of Application 'shop' failed; it is RUNNING on edge" in answer.err
    assert "NOT_READY: Deployment/web: 0 of 1" in answer.err


async def test_a_request_can_be_taken_back(shop: Rok) -> None:
    running = await shop.start("kube", "app", "migrate", "shop", "--wait")
    await running.says("RUNNING")
    assert "requested" not in shop("kube", "app", "cancel", "shop").ok().out
    answer = await running.ends()
    assert (answer.code, "was taken back" in answer.err) == (1, True)
    refused = shop("kube", "app", "cancel", "shop")
    assert (refused.code, "no migration of 'shop'" in refused.err) == (4, True)


async def test_a_dry_run_shows_the_plan(shop: Rok) -> None:
    shown = shop("kube", "app", "migrate", "shop", "--dry-run").ok().out
    for words in ("other: the only cluster that fits", "create-first", "ConfigMap/settings"):
        assert words in shown
    plan = shop("kube", "app", "migrate", "shop", "--dry-run", "-o", "json").ok().json
    assert (plan["kind"], plan["target"]["name"]) == ("MigrationPlan", "other")
    assert shop("kube", "app", "get", "shop", "-o", "json").ok().json["status"]["request"] is None

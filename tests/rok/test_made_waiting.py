"""`--wait` for clusters that Krake makes: what is shown meanwhile, and when it is over."""

from __future__ import annotations

from typing import Any

import pytest

from rok.cluster_waiting import MadeGoal, goal_of
from rok.following import Change
from rok.formats import explanation
from rok.resources import CLUSTERS
from rok.waiting import Goal, Verdict
from tests.rok.cli import Rok
from tests.rok.server import Lifecycle

THEN, NOW = "2026-01-01T00:00:00+00:00", "2026-01-02T00:00:00+00:00"


def _document(phase: str, state: str = "ONLINE", observed: int = 2, **more: Any) -> dict[str, Any]:
    """Generation 2 of a cluster."""
    provisioning = {"phase": phase, "since": more.pop("since", NOW), "trouble": more.pop("trouble", None)}
    status = {"state": state, "observed_generation": observed, "provisioning": provisioning, **more}
    metadata = {"name": "edge", "uid": "u", "generation": 2}
    return {"metadata": metadata, "spec": {"infrastructure": {"nodes": 1}}, "status": status}


def _verdict(answer: dict[str, Any], shown: dict[str, Any], *, rotates: bool = False) -> Verdict:
    return MadeGoal(CLUSTERS, answer, "ONLINE", rotates=rotates).verdict(Change("MODIFIED", shown))


@pytest.mark.parametrize(
    ("shown", "verdict"),
    [
        (_document("ready", observed=1), Verdict.GO_ON),
        (_document("changing", observed=1), Verdict.GO_ON),
        (_document("ready"), Verdict.REACHED),
        (_document("failed"), Verdict.FAILED),
        (_document("failed", "FAILED"), Verdict.FAILED),
    ],
)
def test_a_change_is_made_or_has_failed(shown: dict[str, Any], verdict: Verdict) -> None:
    assert _verdict(_document("ready", observed=1, since=THEN), shown) is verdict


@pytest.mark.parametrize("state", ["ONLINE", "FAILED"])
def test_another_try_does_not_take_the_old_failure_for_its_own(state: str) -> None:
    answer = _document("failed", state, observed=1, since=THEN)
    assert _verdict(answer, answer) is Verdict.GO_ON
    assert _verdict(answer, _document("creating", "CREATING", observed=1)) is Verdict.GO_ON
    assert _verdict(answer, _document("failed", state)) is Verdict.FAILED
    assert _verdict(answer, _document("ready")) is Verdict.REACHED


def test_a_rotation_is_over_when_there_is_a_new_kubeconfig_or_none_to_be_had() -> None:
    answer = _document("ready", kubeconfig_at=THEN, rotation_requested=NOW)
    assert _verdict(answer, answer, rotates=True) is Verdict.GO_ON
    fetched: dict[str, Any] = {"kubeconfig_at": NOW, "rotation_requested": None}
    assert _verdict(answer, _document("ready", observed=1, **fetched), rotates=True) is Verdict.GO_ON
    assert _verdict(answer, _document("ready", **fetched), rotates=True) is Verdict.REACHED
    failure = {"code": "RETRIEVE_FAILED", "message": "the CA is gone"}
    refused = _document("ready", kubeconfig_at=THEN, rotation_requested=None, rotation_failure=failure)
    assert _verdict(answer, refused, rotates=True) is Verdict.FAILED
    goal = MadeGoal(CLUSTERS, answer, "ONLINE", rotates=True)
    what, why = goal.failed(Change("MODIFIED", refused))
    assert "keeps its old credentials" in what
    assert why == "RETRIEVE_FAILED: the CA is gone"


def test_a_deleted_cluster_ends_the_wait() -> None:
    answer = _document("ready")
    goal = MadeGoal(CLUSTERS, answer, "ONLINE")
    assert goal.verdict(Change("DELETED", answer)) is Verdict.FAILED
    assert "was deleted before it was ONLINE" in goal.failed(Change("DELETED", answer))[0]


def test_the_failure_of_a_change_is_told_with_its_trouble() -> None:
    trouble = {"code": "QUOTA_EXCEEDED", "message": "3 of 3 are there"}
    goal = MadeGoal(CLUSTERS, _document("ready", observed=1), "ONLINE")
    what, why = goal.failed(Change("MODIFIED", _document("failed", trouble=trouble)))
    assert "is ONLINE, but what was asked for failed at its cloud" in what
    assert why == "QUOTA_EXCEEDED: 3 of 3 are there"


def test_what_the_cloud_says_is_told_while_it_works() -> None:
    status = {"state": "CREATING", "message": "being made on cloud lab"}
    busy = {**status, "provisioning": {"phase": "creating", "message": "its nodes are starting"}}
    assert explanation(busy) == "being made on cloud lab: its nodes are starting"
    assert explanation({**busy, "provisioning": {"phase": "ready", "message": "old"}}) == status["message"]


def test_registered_clusters_are_waited_for_as_ever() -> None:
    document = {"metadata": {"name": "edge"}, "spec": {"kubeconfig": {"a": 1}}, "status": {}}
    assert type(goal_of(CLUSTERS, document, "ONLINE")) is Goal
    assert type(goal_of(CLUSTERS, _document("ready"), "ONLINE")) is MadeGoal
    assert type(goal_of(CLUSTERS, _document("ready"), "DELETED")) is Goal


async def test_create_shows_the_words_of_the_cloud_until_it_is_online(rok: Rok, lifecycle: Lifecycle) -> None:
    running = await rok.start("kube", "cluster", "create", "edge", "--wait", "-o", "json")
    await running.says("PENDING")
    lab = {"api": "infrastructure", "kind": "GlobalCloud", "namespace": None, "name": "lab"}
    making: dict[str, Any] = {"phase": "creating", "since": THEN, "message": ""}
    words = "being made on cloud lab"
    await lifecycle.write(
        "Cluster",
        "edge",
        state="CREATING",
        observed_generation=0,
        message=words,
        scheduled_to=lab,
        provisioning=making,
    )
    await running.says(f"CREATING  {words}")
    making = {**making, "message": "its nodes are starting"}
    await lifecycle.write("Cluster", "edge", observed_generation=0, provisioning=making)
    await running.says(f"CREATING  {words}: its nodes are starting")
    ready = {**making, "phase": "ready"}
    await lifecycle.write("Cluster", "edge", state="ONLINE", message="", provisioning=ready)
    answer = (await running.ends()).ok()
    assert answer.json["status"]["state"] == "ONLINE"
    assert "Cluster 'edge' is ONLINE" in answer.err

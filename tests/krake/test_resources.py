"""Resources as the API shows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from krake.models.application import Application
from krake.models.kinds import KINDS
from krake.resources import document, observation_applies, shown_state
from krake.store.records import Record

NOW = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)
REASON = {"code": "NOT_READY", "message": "1 of 2 Pods"}


def ago(seconds: float) -> str:
    return (NOW - timedelta(seconds=seconds)).isoformat()


def record(kind: str, status: dict[str, Any], observation: dict[str, Any] | None = None) -> Record:
    return Record(
        uid="uid-1",
        kind=kind,
        namespace="testing",
        name="echo",
        labels={"a": "b"},
        spec={"n": 1},
        status={"observed_generation": 2, **status},
        observation={"generation": 2, **observation} if observation else {},
        generation=2,
        revision=7,
        created_revision=5,
        created=NOW - timedelta(hours=1),
        modified=NOW,
        deleted=None,
    )


def status(kind: str, written: dict[str, Any], seen: dict[str, Any] | None = None) -> dict[str, Any]:
    shown: dict[str, Any] = document(record(kind, written, seen), now=NOW)["status"]
    return shown


def test_the_shape() -> None:
    shown = document(record("Application", {"state": "PENDING"}), now=NOW)
    assert shown == {
        "api": "kubernetes",
        "kind": "Application",
        "metadata": {
            "name": "echo",
            "namespace": "testing",
            "labels": {"a": "b"},
            "inherit_labels": False,
            "finalizers": [],
            "owners": [],
            "uid": "uid-1",
            "created": "2026-01-02T11:00:00+00:00",
            "modified": "2026-01-02T12:00:00+00:00",
            "deleted": None,
            "generation": 2,
            "revision": 7,
        },
        "spec": {"n": 1},
        "status": {"state": "PENDING", "observed_generation": 2},
    }
    assert orjson.loads(orjson.dumps(shown)) == shown


def test_it_fits_the_model_and_global_kinds_have_no_namespace() -> None:
    manifest = [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}]
    made = replace(record("Application", {"state": "PENDING"}), spec={"manifest": manifest}, deleted=NOW)
    shown = Application.model_validate(document(made, now=NOW))
    assert shown.metadata.deleted == NOW
    assert document(replace(made, namespace=""), now=NOW)["metadata"]["namespace"] is None


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if not kind.flat])
def test_without_an_observation_the_status_is_shown_as_it_is(kind: str) -> None:
    written = {"state": "ONLINE", "message": "hello", "observed_generation": 2}
    assert status(kind, written) == written


def test_roles_have_their_fields_beside_the_metadata() -> None:
    shown = document(replace(record("RoleBinding", {}), spec={"roles": ["r"], "users": ["u"]}), now=NOW)
    assert set(shown) == {"api", "kind", "metadata", "roles", "users"}


def test_facts_come_from_the_observer() -> None:
    seen = {"observed_at": ago(1), "container_health": {"running_pods": 2}, "services": {"a": "h:1"}, "x": 1}
    shown = status("Application", {"state": "RECONCILING", "services": {}, "message": "applying"}, seen)
    assert (shown["container_health"], shown["services"]) == ({"running_pods": 2}, {"a": "h:1"})
    assert (shown["state"], shown["message"], shown["observed_at"]) == ("RECONCILING", "applying", ago(1))
    assert "x" not in shown
    cluster = status("Cluster", {"state": "CONNECTING"}, {"observed_at": ago(1), "kubernetes_version": "v1"})
    assert (cluster["state"], cluster["kubernetes_version"]) == ("CONNECTING", "v1")


@pytest.mark.parametrize(
    ("kind", "settled", "seen"),
    [
        ("Application", "RUNNING", "DEGRADED"),
        ("Application", "COMPLETED", "FAILED"),
        ("Cluster", "ONLINE", "OFFLINE"),
    ],
)
def test_the_observer_refines_a_settled_state(kind: str, settled: str, seen: str) -> None:
    observation = {"observed_at": ago(1), "state": seen, "reason": REASON, "message": "seen"}
    shown = status(kind, {"state": settled, "reason": None, "message": ""}, observation)
    assert (shown["state"], shown["reason"], shown["message"]) == (seen, REASON, "seen")


@pytest.mark.parametrize(
    ("kind", "state"),
    [("Application", "CREATING"), ("Application", "FAILED"), ("Cluster", "FAILED"), ("Cluster", "DELETING")],
)
def test_the_observer_does_not_overrule_a_lifecycle_at_work(kind: str, state: str) -> None:
    observation = {"observed_at": ago(1), "state": "ONLINE", "reason": None, "message": ""}
    shown = status(kind, {"state": state, "reason": REASON, "message": "working"}, observation)
    assert (shown["state"], shown["reason"], shown["message"]) == (state, REASON, "working")


@pytest.mark.parametrize(
    ("kind", "settled", "field"),
    [("Application", "RUNNING", "deployed_at"), ("Cluster", "ONLINE", "verified_at")],
)
def test_an_observation_of_what_was_before_does_not_count(kind: str, settled: str, field: str) -> None:
    old_generation = {"generation": 1, "observed_at": ago(1), "state": "OFFLINE"}
    assert status(kind, {"state": settled}, old_generation)["state"] == settled
    seen = {"observed_at": ago(10), "state": "OFFLINE"}
    assert status(kind, {"state": settled, field: ago(9)}, seen)["state"] == settled
    assert status(kind, {"state": settled, field: ago(10)}, seen)["state"] == "OFFLINE"
    assert not observation_applies(record(kind, {"state": settled}, {"generation": 2, "state": "OFFLINE"}))


@pytest.mark.parametrize("seen", [{}, {"state": "NOTREADY"}])
def test_a_cluster_that_nobody_confirms_is_unknown(seen: dict[str, str]) -> None:
    assert status("Cluster", {"state": "ONLINE"}, {"observed_at": ago(29.9), **seen})["state"] != "UNKNOWN"
    shown = status("Cluster", {"state": "ONLINE"}, {"observed_at": ago(31), **seen})
    assert shown["state"] == "UNKNOWN"
    last = seen.get("state", "ONLINE")
    assert shown["message"] == f"not confirmed since 2026-01-02T11:59:29+00:00, was {last} then"


def test_the_age_limit_is_an_argument() -> None:
    made = record("Cluster", {"state": "ONLINE"}, {"observed_at": ago(5)})
    assert document(made, now=NOW, stale_after=4)["status"]["state"] == "UNKNOWN"
    assert document(made, now=NOW, stale_after=6)["status"]["state"] == "ONLINE"


def test_states_that_nobody_has_to_confirm_do_not_age() -> None:
    for state in ("FAILED", "CONNECTING", "DELETING"):
        assert status("Cluster", {"state": state}, {"observed_at": ago(3600)})["state"] == state
    for state in ("RUNNING", "COMPLETED", "DEGRADED"):
        assert status("Application", {"state": state}, {"observed_at": ago(3600)})["state"] == state


def confirmed(written: dict[str, Any], seconds: float, seen: dict[str, Any] | None = None) -> dict[str, Any]:
    """The status of an application whose cluster confirmed its applications some seconds ago."""
    moment = NOW - timedelta(seconds=seconds)
    made = record("Application", written, seen)
    return dict(document(made, now=NOW, confirmed=moment)["status"])


@pytest.mark.parametrize("state", ["RUNNING", "COMPLETED"])
def test_an_application_is_confirmed_through_its_cluster(state: str) -> None:
    written = {"state": state, "observed_at": ago(3600), "container_health": {"running_pods": 1}}
    shown = confirmed(written, 29.9)
    assert (shown["state"], datetime.fromisoformat(shown["observed_at"])) == (
        state,
        NOW - timedelta(seconds=29.9),
    )
    shown = confirmed(written, 31)
    assert shown["state"] == "UNKNOWN"
    assert shown["message"] == f"not confirmed since 2026-01-02T11:59:29+00:00, was {state} then"
    assert shown["container_health"] == {"running_pods": 1}


def test_a_look_at_the_application_itself_confirms_it_as_well() -> None:
    written = {"state": "RUNNING", "observed_at": ago(3600)}
    assert confirmed(written, 600, {"observed_at": ago(5), "state": "DEGRADED"})["state"] == "DEGRADED"
    assert confirmed(written, 600, {"observed_at": ago(31), "state": "DEGRADED"})["state"] == "UNKNOWN"
    assert confirmed({**written, "observed_at": ago(5)}, 600)["state"] == "RUNNING"


@pytest.mark.parametrize("state", ["PENDING", "CREATING", "RECONCILING", "DEGRADED", "FAILED", "DELETING"])
def test_what_the_lifecycle_says_of_an_application_does_not_age(state: str) -> None:
    assert confirmed({"state": state, "observed_at": ago(3600)}, 3600)["state"] == state


def test_the_stored_documents_stay_as_they_are() -> None:
    made = record("Cluster", {"state": "ONLINE"}, {"observed_at": ago(3600), "state": "NOTREADY"})
    before = orjson.dumps([made.status, made.observation])
    document(made, now=NOW)
    assert orjson.dumps([made.status, made.observation]) == before


def test_the_state_to_count_under() -> None:
    seen = {"generation": 2, "observed_at": ago(1), "state": "OFFLINE"}
    assert shown_state("Cluster", {}, {}) == "PENDING"
    assert shown_state("Cluster", {"state": "ONLINE", "observed_generation": 2}, seen) == "OFFLINE"
    assert shown_state("Cluster", {"state": "ONLINE", "observed_generation": 3}, seen) == "ONLINE"
    assert shown_state("Cluster", {"state": "DELETING", "observed_generation": 2}, seen) == "DELETING"

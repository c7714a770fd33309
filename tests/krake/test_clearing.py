"""Why applications leave a cluster, who is next, and how far that has come."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from krake.clearing import Departures, clearing_of, evacuation_is_due
from krake.models.clearing import Clearing, ClearingPurpose, DeletionPolicy
from krake.resources import document
from krake.store.records import Record

NOW = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)
ON_IT = {"scheduled_uid": "de"}


def ago(seconds: float) -> str:
    return (NOW - timedelta(seconds=seconds)).isoformat()


def record(kind: str, name: str, status: dict[str, Any], **fields: Any) -> Record:
    return Record(
        uid=name,
        kind=kind,
        namespace="testing",
        name=name,
        labels={},
        spec=fields.pop("spec", {}),
        status={"observed_generation": 1, **status},
        observation=fields.pop("observation", {}),
        generation=1,
        revision=1,
        created_revision=1,
        created=NOW,
        modified=NOW,
        deleted=fields.pop("deleted", None),
        **fields,
    )


def app(name: str, **status: Any) -> Record:
    return record("Application", name, {**ON_IT, **status})


def fixed(name: str) -> Record:
    return replace(app(name), spec={"constraints": {"migration": False}})


def silent_cluster(since: float, tolerance: float, asked: float = 1) -> Record:
    observation = {
        "generation": 1,
        "state": "OFFLINE",
        "observed_at": ago(asked),
        "offline_since": ago(since),
        "evacuates_at": ago(since - tolerance),
    }
    return record("Cluster", "de", {"state": "ONLINE"}, observation=observation)


def departures(purpose: str, *here: Record, policy: str = "drain", total: int = 0) -> Departures:
    clearing = Clearing(purpose=ClearingPurpose(purpose), policy=DeletionPolicy(policy), at=NOW, total=total)
    return Departures(clearing, "de", here)


def names(records: list[Record]) -> list[str]:
    return [item.name for item in records]


def test_a_cluster_that_answers_is_not_cleared() -> None:
    assert clearing_of(record("Cluster", "de", {"state": "ONLINE"}), NOW) is None


def test_a_silent_cluster_is_evacuated_after_the_tolerance() -> None:
    assert clearing_of(silent_cluster(since=299, tolerance=300), NOW) is None
    clearing = clearing_of(silent_cluster(since=302, tolerance=300), NOW)
    assert clearing is not None and clearing.purpose is ClearingPurpose.EVACUATE


def test_silence_of_the_observer_proves_nothing() -> None:
    """It died while the cluster was OFFLINE: whether that is still so, nobody knows."""
    assert not evacuation_is_due(silent_cluster(since=400, tolerance=300, asked=31), NOW)
    assert not evacuation_is_due(silent_cluster(since=310, tolerance=300, asked=15), NOW)
    assert evacuation_is_due(silent_cluster(since=400, tolerance=300, asked=29), NOW)


def test_a_deletion_comes_before_a_draining_and_that_before_an_evacuation() -> None:
    drain = {"purpose": "drain", "at": ago(9), "actor": "someone"}
    cluster = silent_cluster(since=400, tolerance=300)
    drained = replace(cluster, status={**cluster.status, "clearing": drain})
    assert clearing_of(drained, NOW) == Clearing.model_validate(drain)
    deleted = clearing_of(replace(drained, deleted=NOW), NOW)
    assert deleted is not None
    assert (deleted.purpose, deleted.policy) == (ClearingPurpose.DELETE, DeletionPolicy.DRAIN)


def test_only_so_many_leave_at_the_same_time() -> None:
    leave = {"leave": True, "evict": True}
    moving = app("b", migration={"source_uid": "de", "target_uid": "it", "request": leave})
    here = [app("a", request=leave), moving, app("c"), app("d")]
    assert names(departures("delete", *here).next_to_leave(3)) == ["c"]
    assert departures("delete", *here).next_to_leave(2) == []


@pytest.mark.parametrize("state", [{"parked": True}, {"not_before": ago(-60)}])
def test_who_cannot_leave_now_does_not_keep_others_waiting(state: dict[str, Any]) -> None:
    stuck = app("a", request={"leave": True, "evict": True, **state})
    assert names(departures("delete", stuck, app("b")).next_to_leave(1)) == ["b"]


def test_a_request_that_asks_for_less_is_made_anew() -> None:
    failover = app("a", request={"leave": True, "failover": True})
    assert departures("evacuate", failover).next_to_leave(1) == []
    assert names(departures("drain", failover).next_to_leave(1)) == ["a"]
    drained = app("b", request={"leave": True})
    assert departures("drain", drained).next_to_leave(1) == []
    assert names(departures("delete", drained).next_to_leave(1)) == ["b"]


def test_a_move_that_someone_else_asked_for_is_told_that_there_is_no_way_back() -> None:
    by_user = app("a", migration={"source_uid": "de", "target_uid": "it", "request": {"leave": False}})
    assert names(departures("delete", by_user).next_to_leave(1)) == ["a"]
    arriving = app("b", migration={"source_uid": "it", "target_uid": "de"}, scheduled_uid="it")
    assert departures("delete", arriving).next_to_leave(1) == []


def test_those_that_may_not_move_stay_when_the_cluster_is_silent_but_not_when_it_goes() -> None:
    evacuation = departures("evacuate", app("a"), fixed("b"), total=3)
    assert names(evacuation.next_to_leave(9)) == ["a"]
    assert evacuation.progress() == (
        "2 of 3 applications moved; waiting for: a; staying, because they may not move: b"
    )
    assert names(departures("delete", app("a"), fixed("b")).next_to_leave(9)) == ["a", "b"]


def test_the_policy_decides_what_leaving_means() -> None:
    moving = app("a", migration={"source_uid": "de", "target_uid": "it", "request": {}})
    assert names(departures("delete", moving, policy="cascade").next_to_leave(1)) == ["a"]
    assert departures("delete", moving, policy="orphan").next_to_leave(1) == []
    gone = replace(app("b"), deleted=NOW)
    assert departures("delete", gone, policy="cascade").next_to_leave(1) == []


def test_a_deletion_gives_up_on_moves_that_fail_and_on_what_fits_nowhere() -> None:
    failing = app("a", migration_backoff={"failures": 5})
    parked = app("b", request={"leave": True, "parked": True})
    moving = app("c", migration_backoff={"failures": 9}, migration={"source_uid": "de"})
    trying = app("d", migration_backoff={"failures": 4})
    here = (failing, parked, moving, trying)
    assert names(departures("delete", *here).hopeless(5, 300, NOW + timedelta(seconds=299))) == ["a"]
    assert names(departures("delete", *here).hopeless(5, 300, NOW + timedelta(seconds=301))) == ["a", "b"]
    late = NOW + timedelta(hours=1)
    assert departures("drain", *here).hopeless(5, 300, late) == []
    assert departures("delete", *here, policy="cascade").hopeless(5, 300, late) == []


def test_progress_names_who_is_waited_for_and_why() -> None:
    parked = app("a", request={"leave": True, "parked": True})
    deleting = replace(app("b", reason={"code": "CLUSTER_NOT_REACHABLE", "message": "m"}), deleted=NOW)
    text = departures("delete", parked, deleting, total=5).progress()
    assert text == (
        "3 of 5 applications moved; waiting for: a (fits nowhere else), b (CLUSTER_NOT_REACHABLE)"
    )
    many = [app(letter) for letter in "abcdefg"]
    assert departures("drain", *many).progress().endswith("waiting for: a, b, c, d, e and 2 more")


def message(made: Record, after: float = 0) -> str:
    return str(document(made, now=NOW + timedelta(seconds=after), stale_after=1e6)["status"]["message"])


def test_a_silent_cluster_counts_down() -> None:
    cluster = silent_cluster(since=192, tolerance=300)
    assert message(cluster) == "does not answer for 3m12s; its applications move in 1m48s"
    assert message(cluster, after=109) == "does not answer for 5m01s; its applications are moving"
    off = replace(cluster, observation={**cluster.observation, "evacuates_at": None})
    assert message(off).endswith("its applications wait for it, because evacuation is turned off")


def test_an_application_counts_down_with_its_cluster_and_not_with_another() -> None:
    outage = {"cluster": "de", "cluster_uid": "de", "since": ago(192), "evacuates_at": ago(-108)}
    running = replace(app("a", state="RUNNING", message=""), observation={"outage": outage})
    assert message(running) == "cluster de is OFFLINE for 3m12s; moves in 1m48s"
    stays = replace(running, spec={"constraints": {"migration": False}})
    assert "stays, because it may not move" in message(stays)
    moved = replace(running, status={**running.status, "scheduled_uid": "it"})
    assert message(moved) == ""


def test_a_draining_shows_in_the_message_of_the_cluster() -> None:
    clearing = {"purpose": "drain", "at": ago(9), "message": "1 of 2 applications moved"}
    cluster = record("Cluster", "de", {"state": "ONLINE", "message": "", "clearing": clearing})
    assert message(cluster) == "1 of 2 applications moved"


def test_a_cluster_without_ready_nodes_when_it_was_registered_may_become_online() -> None:
    observation = {"generation": 1, "state": "ONLINE", "message": "", "reason": None, "observed_at": ago(1)}
    cluster = record("Cluster", "de", {"state": "NOTREADY"}, observation=observation)
    assert document(cluster, now=NOW)["status"]["state"] == "ONLINE"


def test_the_cluster_that_an_application_is_bound_to_is_shown_among_its_owners() -> None:
    bound = {"api": "kubernetes", "kind": "Cluster", "namespace": "testing", "name": "de"}
    owner = {"api": "kubernetes", "kind": "Application", "namespace": "testing", "name": "base"}
    made = replace(app("a", scheduled_to=bound), owners=[owner], finalizers=["mine"])
    shown = document(made, now=NOW)["metadata"]
    assert (shown["owners"], shown["finalizers"]) == ([owner, bound], ["mine"])
    named = replace(made, owners=[bound])
    assert document(named, now=NOW)["metadata"]["owners"] == [bound]

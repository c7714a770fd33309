"""The next step of a cluster of servers: played to the end, from many beginnings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from activities.openstack.nova_plan import Delete, Drain, Forget, MakeServer, Member, Role, plan
from activities.openstack.nova_state import Operation, State
from krake.models.reasons import ReasonCode

OLD, NEW = "v1.33.4+k3s1", "v1.34.1+k3s1"
NOW = datetime(2030, 1, 1, tzinfo=UTC)


class Played:
    """A cloud in which every step is done at once, and every server boots."""

    def __init__(self, state: State, members: list[Member] | None = None) -> None:
        self.state = state
        self.members = members or []
        self.ghosts: set[str] = set()
        self.made = 0
        self.log: list[str] = []

    @property
    def nodes(self) -> Mapping[str, bool] | None:
        """The nodes, if there is an API."""
        if not any(member.role is Role.CONTROL_PLANE for member in self.members):
            return None
        return {member.name: member.active for member in self.members} | dict.fromkeys(self.ghosts, False)

    def step(self) -> bool:
        """Do the next step; whether all is done."""
        if self.nodes is not None:
            self.state = replace(self.state, initialized=True)
        chosen = plan(self.state, self.members, self.nodes)
        assert not chosen.failure, chosen
        for action in chosen.actions:
            self.do(action)
        control = [member for member in self.members if member.role is Role.CONTROL_PLANE]
        if self.state.control_plane_nodes > 1 and self.state.initialized:
            assert len(control) >= self.state.control_plane_nodes - 1, "etcd would lose its majority"
        return chosen.done

    def do(self, action: MakeServer | Drain | Delete | Forget) -> None:
        """Do one action."""
        match action:
            case MakeServer(role, slot, first):
                assert first == (role is Role.CONTROL_PLANE and not self.state.initialized and slot == 0)
                self.made += 1
                name = f"{role}-{self.made}"
                self.members.append(
                    Member(name, name, role, self.state.release, f"{self.made:03}", slot, active=True)
                )
                self.log.append(f"+{name}")
            case Drain(member) if member.draining_since is None:
                self.members[self.members.index(member)] = replace(member, draining_since=NOW)
            case Drain(member) | Delete(member):
                self.members.remove(member)
                self.ghosts.add(member.name)
                self.log.append(f"-{member.name}")
            case Forget(node):
                self.ghosts.remove(node)

    def settle(self) -> None:
        """Go on until all is done."""
        for _ in range(100):
            if self.step():
                return
        raise AssertionError(f"it does not end: {self.log[-10:]}")

    def count(self, role: Role) -> int:
        """How many servers of a role there are."""
        return sum(member.role is role for member in self.members)


def wanted(nodes: int = 2, control: int = 1, *, initialized: bool = False) -> State:
    """A cluster as it should be."""
    state = State("krake-1", "testing/demo", nodes, control, "small", "small", "ubuntu", OLD)
    return replace(state, initialized=initialized)


@pytest.mark.parametrize(("nodes", "control"), [(0, 1), (2, 1), (3, 3), (0, 5)])
def test_a_cluster_is_made_and_the_first_server_makes_it(nodes: int, control: int) -> None:
    cloud = Played(wanted(nodes, control))
    cloud.settle()
    assert (cloud.count(Role.WORKER), cloud.count(Role.CONTROL_PLANE)) == (nodes, control)
    assert cloud.log[0] == "+control-plane-1"


@pytest.mark.parametrize("kept", range(6))
def test_after_a_crash_only_what_is_missing_is_made(kept: int) -> None:
    before = Played(wanted(3, 3))
    before.step()
    after = Played(wanted(3, 3), before.members[:kept])
    after.made = 100
    after.settle()
    assert (after.count(Role.WORKER), after.count(Role.CONTROL_PLANE)) == (3, 3)
    assert sorted(member.slot for member in after.members if member.slot >= 0) == [0, 1, 2]


def test_workers_are_added_and_the_youngest_removed() -> None:
    cloud = Played(wanted(2))
    cloud.settle()
    cloud.state = replace(cloud.state, nodes=4)
    cloud.settle()
    assert cloud.count(Role.WORKER) == 4
    cloud.state = replace(cloud.state, nodes=1)
    cloud.settle()
    assert cloud.count(Role.WORKER) == 1 and not cloud.ghosts
    removed = sorted(word for word in cloud.log if word.startswith("-"))
    assert removed == ["-worker-3", "-worker-4", "-worker-5"]


def test_workers_that_are_not_ready_go_first() -> None:
    cloud = Played(wanted(3))
    cloud.settle()
    ill = next(member for member in cloud.members if member.name == "worker-2")
    cloud.members[cloud.members.index(ill)] = replace(ill, active=False)
    cloud.state = replace(cloud.state, nodes=2)
    cloud.settle()
    assert cloud.log[-1] == "-worker-2"


def test_an_upgrade_replaces_control_plane_first_and_one_at_a_time() -> None:
    cloud = Played(wanted(2, 3))
    cloud.settle()
    cloud.log.clear()
    cloud.state = replace(cloud.state, release=NEW, operation=Operation.UPGRADE)
    cloud.settle()
    assert {member.release for member in cloud.members} == {NEW}
    assert (cloud.count(Role.WORKER), cloud.count(Role.CONTROL_PLANE)) == (2, 3)
    kinds = ["".join(letter for letter in word if not letter.isdigit()).rstrip("-") for word in cloud.log]
    assert kinds == ["-control-plane", "+control-plane"] * 3 + ["+worker", "-worker"] * 2


def test_a_control_plane_server_that_vanished_is_replaced_by_one_that_joins() -> None:
    cloud = Played(wanted(1, 3))
    cloud.settle()
    first = next(member for member in cloud.members if member.slot == 0)
    cloud.do(Delete(first))
    cloud.settle()
    assert cloud.count(Role.CONTROL_PLANE) == 3 and not cloud.ghosts


@pytest.mark.parametrize("initialized", [False, True])
def test_of_two_servers_with_one_port_the_one_that_runs_stays_or_the_older_one(*, initialized: bool) -> None:
    cloud = Played(wanted(1, 3, initialized=initialized))
    for slot, created, active, broken in (
        (0, "1", False, True),
        (0, "2", True, False),
        (0, "3", True, False),
        (1, "4", False, False),
        (1, "5", True, False),
        (2, "6", True, False),
    ):
        name = f"control-{created}"
        cloud.members.append(
            Member(name, name, Role.CONTROL_PLANE, OLD, created, slot, active=active, broken=broken)
        )
    cloud.step()
    assert [member.name for member in cloud.members] == ["control-2", "control-5", "control-6"]
    cloud.settle()
    assert cloud.log == ["-control-3", "-control-1", "-control-4", "+worker-1"]


def test_nothing_is_made_anew_where_the_state_would_be_lost() -> None:
    gone = plan(wanted(initialized=True), [], None)
    assert gone.failure.startswith("The servers of the control plane are gone")
    others = [Member("b", "b", Role.CONTROL_PLANE, OLD, "1", 1)]
    assert plan(wanted(1, 3), others, None).code is ReasonCode.CREATE_FAILED


def test_a_server_that_could_not_start_fails_the_cluster_with_novas_words() -> None:
    control = Member("a", "a", Role.CONTROL_PLANE, OLD, "1", 0)
    broken = Member("b", "b", Role.WORKER, OLD, "2", active=False, broken=True, fault="No valid host")
    failed = plan(wanted(1), [control, broken], None)
    assert (failed.failure, failed.code) == (
        "Nova could not start b: No valid host",
        ReasonCode.CREATE_FAILED,
    )
    assert plan(wanted(1), [control, broken], None, again=True).actions == (Delete(broken),)
    full = replace(
        broken,
        fault="VolumeLimitExceeded: Maximum number of volumes allowed (1) exceeded for quota 'volumes'",
    )
    assert plan(wanted(1), [control, full], None).code is ReasonCode.QUOTA_EXCEEDED


def test_it_says_what_is_waited_for() -> None:
    control = Member("a", "a", Role.CONTROL_PLANE, OLD, "1", 0, active=False)
    worker = Member("b", "b", Role.WORKER, OLD, "2")
    state = wanted(1)
    assert plan(state, [control, worker], None).waits_for == "1 of 2 servers run"
    up = [replace(control, active=True), worker]
    assert "Kubernetes API" in plan(state, up, None).waits_for
    begun = replace(state, initialized=True)
    assert plan(begun, up, {"a": True, "b": False}).waits_for == "1 of 2 nodes are ready"
    assert plan(begun, up, {"a": True, "b": True}).done
    last = Member("c", "c", Role.WORKER, OLD, "3", leaving=True)
    assert plan(begun, [*up, last], {"a": True, "b": True, "c": True}).waits_for == "c is removed"
    assert plan(begun, up, {"a": True, "b": True, "c": True}).actions == (Forget("c"),)

"""What to do next so that a cluster of servers becomes what it should be: pure, decided anew at each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from activities.openstack.errors import is_quota
from activities.openstack.nova_state import State
from krake.models.reasons import ReasonCode


class Role(StrEnum):
    """What a server is for."""

    CONTROL_PLANE = "control-plane"
    WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Member:
    """A server of the cluster."""

    id: str
    name: str
    role: Role
    release: str
    created: str
    slot: int = -1
    """Which of the control plane's ports it has."""
    active: bool = True
    broken: bool = False
    fault: str = ""
    leaving: bool = False
    """Whether Nova removes it already."""
    draining_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class MakeServer:
    """Make a server; a control plane's one for a slot."""

    role: Role
    slot: int = -1
    first: bool = False
    """Whether it makes the cluster, in place of joining it."""


@dataclass(frozen=True, slots=True)
class Drain:
    """Have the Pods leave a server, then delete it."""

    member: Member


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete a server as it is."""

    member: Member


@dataclass(frozen=True, slots=True)
class Forget:
    """Remove a node whose server is gone."""

    node: str


Action = MakeServer | Drain | Delete | Forget


@dataclass(frozen=True, slots=True)
class Plan:
    """The next step."""

    actions: tuple[Action, ...] = ()
    waits_for: str = ""
    failure: str = ""
    """Why nothing more can be done."""
    code: ReasonCode | None = None

    @property
    def done(self) -> bool:
        """Whether the cluster is what it should be."""
        return not (self.actions or self.waits_for or self.failure)


def plan(
    state: State, members: Sequence[Member], nodes: Mapping[str, bool] | None, *, again: bool = False
) -> Plan:
    """The next step of a cluster.

    Args:
        state: what it should be.
        members: its servers.
        nodes: whether each of its nodes is ready, by name; None where the API does not answer.
        again: whether somebody asks anew, so that servers that could not be started are replaced.
    """
    control = [member for member in members if member.role is Role.CONTROL_PLANE]
    if spare := _spare(control):
        return Plan(tuple(Delete(member) for member in spare))
    workers = [member for member in members if member.role is Role.WORKER and not member.leaving]
    broken = [member for member in members if member.broken and not member.leaving]
    if broken and not (again and _replaceable(state, broken)):
        return _broken(state, broken)
    if broken:
        return Plan(tuple(Delete(member) for member in broken))
    stale = sorted(set(nodes or ()) - {member.name for member in members})
    if stale:
        # First of all: a control plane node can only be replaced when the old one has left etcd.
        return Plan(tuple(Forget(name) for name in stale))
    next_control = _control_plane(state, control, nodes)
    if not next_control.done:
        return _together(next_control, _missing_workers(state, workers))
    next_workers = _workers(state, workers, nodes)
    if next_workers.actions or next_workers.waits_for:
        return next_workers
    return Plan(waits_for=_unready(members, nodes))


def _spare(control: Sequence[Member]) -> list[Member]:
    """Servers in a slot that another one has: two workers of Krake, one thought to be dead, made one each."""
    ranked = sorted(control, key=lambda one: (one.slot, one.leaving, not one.active, one.created, one.id))
    return [spare for kept, spare in pairwise(ranked) if spare.slot == kept.slot >= 0 and not spare.leaving]


def _replaceable(state: State, broken: Sequence[Member]) -> bool:
    """Whether nothing is lost with the servers that could not be started."""
    return all(
        member.role is Role.WORKER or (state.initialized and state.control_plane_nodes > 1)
        for member in broken
    )


def _broken(state: State, broken: Sequence[Member]) -> Plan:
    why = next((member.fault for member in broken if member.fault), "the cloud does not say why")
    names = ", ".join(member.name for member in broken[:3])
    more = f" and {len(broken) - 3} more" if len(broken) > 3 else ""
    quota = any(is_quota(member.fault) for member in broken)
    code = ReasonCode.QUOTA_EXCEEDED if quota else state.operation.failure
    return Plan(failure=f"Nova could not start {names}{more}: {why}", code=code)


def _control_plane(state: State, control: Sequence[Member], nodes: Mapping[str, bool] | None) -> Plan:
    """What the control plane needs; waiting for nothing when it is complete."""
    slots = {member.slot for member in control}
    missing = [slot for slot in range(state.control_plane_nodes) if slot not in slots]
    if not state.initialized:
        return _first_control_plane(state, control, missing)
    if not control:
        return Plan(
            failure="The servers of the control plane are gone, and the cluster's state with them",
            code=ReasonCode.RECONCILE_FAILED,
        )
    leaving = [member for member in control if member.draining_since and not member.leaving]
    if leaving:
        return Plan((Drain(leaving[0]),))
    if any(member.leaving for member in control):
        return Plan(waits_for="a server of the control plane is removed")
    if nodes is None:
        return Plan(waits_for="the Kubernetes API does not answer")
    unready = [member for member in control if not nodes.get(member.name)]
    if unready:
        return Plan(waits_for=f"{unready[0].name} is not ready")
    if missing:
        return Plan((MakeServer(Role.CONTROL_PLANE, missing[0]),))
    old = [member for member in control if member.release != state.release]
    if old and state.control_plane_nodes > 1:
        return Plan((Drain(max(old, key=lambda member: member.slot)),))
    return Plan()


def _first_control_plane(state: State, control: Sequence[Member], missing: Sequence[int]) -> Plan:
    """Until the API has answered, slot 0 makes the cluster and the others join it."""
    if 0 in missing and control:
        return Plan(
            failure="The first server of the control plane vanished before the cluster was up",
            code=ReasonCode.CREATE_FAILED,
        )
    return Plan(tuple(MakeServer(Role.CONTROL_PLANE, slot, first=slot == 0) for slot in missing))


def _missing_workers(state: State, workers: Sequence[Member]) -> Plan:
    """Workers need not wait for the control plane, except during an upgrade."""
    if any(member.release != state.release for member in workers):
        return Plan()
    staying = [member for member in workers if not member.draining_since]
    return Plan((MakeServer(Role.WORKER),) * max(0, state.nodes - len(staying)))


def _workers(state: State, workers: Sequence[Member], nodes: Mapping[str, bool] | None) -> Plan:
    draining = [member for member in workers if member.draining_since]
    staying = [member for member in workers if not member.draining_since]
    old = [member for member in staying if member.release != state.release]
    new = [member for member in staying if member.release == state.release]
    if old:
        return _replacing(state, old, new, draining, nodes)
    if len(new) < state.nodes:
        return _together(Plan(tuple(Drain(member) for member in draining)), _missing_workers(state, workers))
    # Those that are not ready go first, then the youngest.
    ranked = sorted(new, key=lambda member: member.created, reverse=True)
    ranked.sort(key=lambda member: nodes is not None and bool(nodes.get(member.name)))
    return Plan(tuple(Drain(member) for member in (*draining, *ranked[: len(new) - state.nodes])))


def _replacing(
    state: State,
    old: Sequence[Member],
    new: Sequence[Member],
    draining: Sequence[Member],
    nodes: Mapping[str, bool] | None,
) -> Plan:
    """One worker at a time is made with the new release, and one with the old one drained."""
    if draining:
        return Plan(tuple(Drain(member) for member in draining))
    if nodes is None:
        return Plan(waits_for="the Kubernetes API does not answer")
    unready = [member for member in new if not nodes.get(member.name)]
    if unready:
        return Plan(waits_for=f"{unready[0].name} is not ready")
    if len(new) < state.nodes and len(old) + len(new) <= state.nodes:
        return Plan((MakeServer(Role.WORKER),))
    return Plan((Drain(min(old, key=lambda member: member.created)),))


def _unready(members: Sequence[Member], nodes: Mapping[str, bool] | None) -> str:
    """What a cluster with all its servers still waits for."""
    leaving = [member for member in members if member.leaving]
    if leaving:
        # Only when it is gone is its node known to be stale, and forgotten.
        return f"{leaving[0].name} is removed"
    starting = sum(1 for member in members if not member.active)
    if starting:
        return f"{len(members) - starting} of {len(members)} servers run"
    if nodes is None:
        return "the servers run; k3s is installed until the Kubernetes API answers"
    ready = sum(1 for member in members if nodes.get(member.name))
    return "" if ready == len(members) else f"{ready} of {len(members)} nodes are ready"


def _together(first: Plan, second: Plan) -> Plan:
    if first.failure:
        return first
    return Plan(first.actions + second.actions, first.waits_for or second.waits_for)

"""How often a cloud is looked at: an upgrade by the provider `nova`, played with times of real servers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from activities.openstack.nova_plan import Action, Delete, Drain, Forget, MakeServer, Member, Role, plan
from activities.openstack.nova_state import Operation, State
from krake.provisioning.messages import CloudAnswer
from krake.provisioning.provider import Stage
from workflows.looks import Looks

BEGAN = datetime(2030, 1, 1, tzinfo=UTC)
OLD, NEW = "v1.33.4+k3s1", "v1.34.1+k3s1"
BOOTED, READY, DRAINED, REMOVED = (timedelta(seconds=number) for number in (15, 90, 20, 10))
"""How long a server takes to boot, its node to get ready, its Pods to leave, and Nova to remove it."""
INTERVAL = 10.0


class Upgrade:
    """Three control plane nodes and two workers on their way to a new release."""

    def __init__(self) -> None:
        old = [Member(f"c{n}", f"c{n}", Role.CONTROL_PLANE, OLD, f"{n}", n) for n in range(3)]
        old += [Member(f"w{n}", f"w{n}", Role.WORKER, OLD, f"{n}") for n in range(2)]
        self.state = State(
            "krake-1", "testing/demo", 2, 3, "small", "small", "ubuntu", NEW, Operation.UPGRADE
        )
        self.state = replace(self.state, initialized=True)
        self.members = {member.name: member for member in old}
        self.made_at = dict.fromkeys(self.members, BEGAN - timedelta(days=1))
        self.removed_at: dict[str, datetime] = {}
        self.nodes = set(self.members)

    def look(self, now: datetime) -> CloudAnswer:
        """What the provider does and says at one look."""
        for name, moment in list(self.removed_at.items()):
            if now - moment >= REMOVED:
                del self.members[name], self.removed_at[name]
        for name, member in self.members.items():
            self.members[name] = replace(member, active=now - self.made_at[name] >= BOOTED)
            if now - self.made_at[name] >= BOOTED:
                self.nodes.add(name)
        ready = {name: name in self.made_at and now - self.made_at[name] >= READY for name in self.nodes}
        chosen = plan(self.state, list(self.members.values()), ready)
        assert not chosen.failure, chosen
        done = [self._do(action, now) for action in chosen.actions]
        stage = Stage.READY if chosen.done else Stage.WORKING
        return CloudAnswer(stage=stage, advanced=any(done), look_again=INTERVAL)

    def _do(self, action: Action, now: datetime) -> bool:
        match action:
            case MakeServer(role, slot):
                name = f"new-{len(self.made_at)}"
                self.members[name] = Member(name, name, role, NEW, now.isoformat(), slot, active=False)
                self.made_at[name] = now
            case Drain(member) if member.draining_since is None:
                self.members[member.name] = replace(member, draining_since=now)
            case Drain(member) if member.draining_since is not None and now - member.draining_since < DRAINED:
                return False
            case Drain(member) | Delete(member):
                self.members[member.name] = replace(member, leaving=True)
                self.removed_at[member.name] = now
            case Forget(node):
                self.nodes.remove(node)
        return True


def played(*, told: bool) -> tuple[int, float]:
    """The looks and the seconds that the upgrade takes, where the workflow is told of steps or is not."""
    upgrade, now, looks = Upgrade(), BEGAN, Looks(BEGAN)
    for count in range(1, 1000):
        answer = upgrade.look(now)
        if answer.stage is Stage.READY:
            assert {member.release for member in upgrade.members.values()} == {NEW}
            assert upgrade.nodes == set(upgrade.members)
            return count, (now - BEGAN).total_seconds()
        if not told:
            answer = answer.model_copy(update={"advanced": False})
        now += timedelta(seconds=looks.pause(answer, now))
    raise AssertionError("it does not end")


def test_an_upgrade_is_hardly_slower_than_its_servers() -> None:
    _, before = played(told=False)
    looks, seconds = played(told=True)
    servers = 5 * (READY + DRAINED + REMOVED).total_seconds()
    assert seconds < 1.25 * servers < before
    assert looks < 110


def test_what_takes_long_is_looked_at_rarely_and_more_often_again_after_a_step() -> None:
    looks, working = Looks(BEGAN), CloudAnswer(stage=Stage.WORKING, look_again=INTERVAL)
    later = BEGAN + timedelta(hours=1)
    assert looks.pause(working, BEGAN + timedelta(seconds=30)) == 10
    assert looks.pause(working, BEGAN + timedelta(seconds=300)) == 30
    assert looks.pause(working, later) == 60
    assert looks.pause(working.model_copy(update={"advanced": True}), later) == 2
    assert looks.pause(working, later + timedelta(seconds=2)) == 10
    assert looks.are_late(working.model_copy(update={"patience": 3600.0}), later)
    assert not looks.are_late(working.model_copy(update={"patience": 3601.0}), later)
    quick = CloudAnswer(stage=Stage.WORKING, advanced=True, look_again=0.5)
    assert looks.pause(quick, later) == 0.5

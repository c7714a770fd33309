"""A cloud in memory, for what no real one can be made to show at the right moment: slowness and faults.

It keeps what a cloud keeps: clusters by their tags, with what was asked of them. The workflows, the
activities and the store are the real ones. How real clouds behave is shown with real ones, in
`tests/activities/openstack`.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from krake.models.reasons import ReasonCode
from krake.provisioning.provider import (
    Flavor,
    Progress,
    ProviderAccess,
    ProviderError,
    ProviderFactory,
    Quota,
    Stage,
    Survey,
    WantedCluster,
)
from tests.activities.workbench import nowhere


@dataclass
class Made:
    """A cluster at the cloud."""

    uid: str
    nodes: int
    version: str | None
    looks: int = 0
    """How often it still is at work when somebody looks."""
    done_at: datetime | None = None
    """Until when it is at work in any case."""
    deleting: bool = False
    failed: str = ""


@dataclass
class ScriptedCloud:
    """What is at the cloud, and what it does next instead of what it is asked."""

    slow: int = 1
    """Looks until something is done."""
    stepwise: bool = False
    """Whether each look is what brings it a step further, and says so."""
    takes: timedelta | None = None
    """How long everything takes besides, by the clock."""
    clusters: dict[str, Made] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    _planned: dict[str, deque[ProviderError | str | asyncio.Event]] = field(
        default_factory=lambda: defaultdict(deque)
    )

    def plan(self, call: str, *acts: ProviderError | str | asyncio.Event) -> None:
        """What the next calls do: fail, go wrong later with these words, or wait for the event."""
        self._planned[call].extend(acts)

    def busy(self, made: Made) -> None:
        """Have it be at work for as long as everything takes here."""
        made.looks, made.done_at = self.slow, datetime.now(UTC) + self.takes if self.takes else None

    def load(self, provider: dict[str, Any]) -> ProviderFactory:
        """As an entry point is loaded."""
        return lambda access: ScriptedProvider(self, access)

    async def play(self, call: str) -> str:
        """Note a call and do what was planned for it."""
        self.calls.append(call)
        act = self._planned[call].popleft() if self._planned[call] else ""
        if isinstance(act, ProviderError):
            raise act
        if isinstance(act, asyncio.Event):
            await act.wait()
            return ""
        return act


class ScriptedProvider:
    """The provider on it."""

    def __init__(self, cloud: ScriptedCloud, access: ProviderAccess) -> None:
        self._cloud = cloud
        self._observes = access.observes

    async def create(self, wanted: WantedCluster) -> str:
        """Begin to make it, unless it is there."""
        failed = await self._cloud.play("create")
        assert wanted.infrastructure is not None
        machines = wanted.infrastructure
        made = Made(wanted.uid, machines.nodes, machines.kubernetes_version, failed=failed)
        self._cloud.busy(made)
        self._cloud.clusters.setdefault(wanted.uid, made)
        return f"id-{wanted.uid}"

    async def find(self, uid: str) -> str | None:
        """Its id, if it is there."""
        await self._cloud.play("find")
        return f"id-{uid}" if uid in self._cloud.clusters else None

    async def progress(self, cluster_id: str) -> Progress:
        """One look brings it nearer to its end, unless it only observes."""
        await self._cloud.play("progress")
        made = self._cloud.clusters.get(cluster_id.removeprefix("id-"))
        if made is None:
            return Progress(Stage.GONE)
        if made.looks > 0 or (made.done_at and datetime.now(UTC) < made.done_at):
            made.looks = max(0, made.looks - (not self._observes))
            words = "being removed" if made.deleting else f"{made.looks} steps are left"
            stage = Stage.DELETING if made.deleting else Stage.WORKING
            return Progress(stage, words, made.nodes, advanced=self._cloud.stepwise)
        if made.deleting:
            del self._cloud.clusters[made.uid]
            return Progress(Stage.GONE)
        if made.failed:
            return Progress(Stage.FAILED, made.failed)
        return Progress(Stage.READY, "it runs", made.nodes)

    async def kubeconfig(self, cluster_id: str, wanted: WantedCluster) -> dict[str, Any]:
        """A kubeconfig."""
        await self._cloud.play("kubeconfig")
        return nowhere()

    async def scale(self, cluster_id: str, wanted: WantedCluster) -> None:
        """Change its nodes."""
        await self._change("scale", cluster_id, wanted)

    async def upgrade(self, cluster_id: str, wanted: WantedCluster) -> None:
        """Change its version."""
        await self._change("upgrade", cluster_id, wanted)

    async def _change(self, call: str, cluster_id: str, wanted: WantedCluster) -> None:
        failed = await self._cloud.play(call)
        made = self._cloud.clusters[cluster_id.removeprefix("id-")]
        assert wanted.infrastructure is not None
        self._cloud.busy(made)
        made.failed = failed
        if call == "scale":
            made.nodes = wanted.infrastructure.nodes
        else:
            made.version = wanted.infrastructure.kubernetes_version

    async def delete(self, cluster_id: str) -> None:
        """Begin to remove it."""
        failed = await self._cloud.play("delete")
        made = self._cloud.clusters.get(cluster_id.removeprefix("id-"))
        if made is not None and not failed and not made.deleting:
            made.deleting = True
            self._cloud.busy(made)

    async def survey(self) -> Survey:
        """What it offers."""
        await self._cloud.play("survey")
        return Survey((Flavor("small", 2, 4096),), (Quota("clusters", 10, len(self._cloud.clusters)),))

    async def close(self) -> None:
        """Nothing is open."""


def silent() -> ProviderError:
    """The cloud does not answer."""
    return ProviderError(ReasonCode.CLOUD_NOT_REACHABLE, "the cloud does not answer", temporary=True)


def refusal(code: ReasonCode, words: str) -> ProviderError:
    """The cloud refuses."""
    return ProviderError(code, words, temporary=False)

"""Sandboxes: real Kubernetes control planes whose nodes are simulated, for demonstrations and tests."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterable, Mapping
from enum import StrEnum
from pathlib import Path

from filelock import AcquireReturnProxy, FileLock, Timeout
from pydantic import BaseModel, Field

from krake.embedded import control_plane as parts
from krake.embedded.binaries import CONTROL_PLANE, ensure
from krake.embedded.control_plane import ControlPlane, Ports
from krake.embedded.credentials import HOST, User, write_private
from krake.embedded.kubernetes_api import KubernetesApi, node, node_name
from krake.embedded.process import ManagedProcess, wait_until
from krake.embedded.progress import Progress
from krake.embedded.stable_ports import is_free
from krake.errors import KrakeError

SPEC = "sandbox.json"
"""The file in its folder that says what it was asked to be."""
NAME_PATTERN = r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"
QUANTITY_PATTERN = r"^\d+(\.\d+)?(m|k|[MGTPE]|[KMGTPE]i)?$"
READY_SECONDS = 60.0
GRACE = {parts.ETCD: 5.0, parts.APISERVER: 3.0}
DEFAULT_GRACE = 2.0
KWOK_STARTS = 3


class SandboxState(StrEnum):
    """Whether a sandbox's servers run."""

    RUNNING = "running"
    DEGRADED = "degraded"
    """Some run and some do not; `start` starts the missing ones."""
    STOPPED = "stopped"


class SandboxSpec(BaseModel):
    """What a sandbox was asked to be, and the ports it got."""

    name: str = Field(pattern=NAME_PATTERN)
    labels: dict[str, str] = Field(default_factory=dict)
    nodes: int = Field(default=2, ge=0, le=1000)
    cpu: str = Field(default="8", pattern=QUANTITY_PATTERN)
    memory: str = Field(default="32Gi", pattern=QUANTITY_PATTERN)
    ports: Ports


class Sandbox:
    """One control plane in a folder of its own."""

    def __init__(self, directory: Path, spec: SandboxSpec) -> None:
        self.directory = directory
        self.spec = spec
        self.plane = ControlPlane(directory, spec.ports)

    @property
    def name(self) -> str:
        """Its name, also that of its kubeconfig's context."""
        return self.spec.name

    @property
    def address(self) -> str:
        """The URL of its API server."""
        return f"https://{HOST}:{self.spec.ports.api}"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig."""
        return self.directory / "kubeconfig"

    def kubeconfig_of(self, user: User = User.ADMIN, token: str | None = None) -> str:
        """A kubeconfig's text for another user, or with another token, such as a wrong one."""
        return self.plane.credentials.kubeconfig(self.name, self.spec.ports.api, user, token)

    def processes(self) -> list[ManagedProcess]:
        """All its processes, running or not."""
        return [self.plane.process(part) for part in parts.PARTS]

    def pids(self) -> dict[str, int]:
        """The ids of those processes that run, by the part's name."""
        return {process.name: process.pid for process in self.processes() if process.pid}

    @property
    def state(self) -> SandboxState:
        """Whether its servers run."""
        running = len(self.pids())
        if running == 0:
            return SandboxState.STOPPED
        return SandboxState.RUNNING if running == len(parts.PARTS) else SandboxState.DEGRADED

    async def start(self, progress: Progress | None = None) -> None:
        """Starts what does not run, with the state kept, and waits until Pods can be scheduled.

        Raises:
            KrakeError: a port is taken, a server ends, or they are not ready within a minute.
        """
        programs = await asyncio.to_thread(ensure, CONTROL_PLANE, progress)
        with self.locked():
            self._require_ports()
            if self.plane.process(parts.APISERVER).find() is None:
                # Those who lost their API server back off for up to a minute before they ask again.
                await self._end(parts.CLIENTS)
            for part in (parts.ETCD, parts.APISERVER):
                self.plane.start(part, programs)
            async with KubernetesApi(self.plane.credentials, self.spec.ports.api) as api:
                await self._wait("its API server was ready", api.answers, parts.ETCD, parts.APISERVER)
                if self.plane.process(parts.KWOK).find() is None:
                    await api.release_nodes()
                for part in parts.CLIENTS:
                    self.plane.start(part, programs)
                await self._add_nodes(api)
                await self._wait_for_nodes(api, programs)

    async def resize(self, nodes: int) -> None:
        """Adds nodes, or removes the last ones, until there are as many as wanted.

        Raises:
            KrakeError: its API server does not answer, or refuses.
        """
        with self.locked():
            async with KubernetesApi(self.plane.credentials, self.spec.ports.api) as api:
                await self._wait("its API server was ready", api.answers, parts.ETCD, parts.APISERVER)
                surplus = range(nodes, self.spec.nodes)
                self.spec = self.spec.model_copy(update={"nodes": nodes})
                await self._add_nodes(api)
                await asyncio.gather(*(api.remove_node(node_name(index)) for index in surplus))
            # Last, so that a resize that was interrupted is made again whole.
            write_private(self.directory / SPEC, self.spec.model_dump_json(indent=2).encode())

    async def stop(self) -> None:
        """Stops all its servers; the state stays."""
        with self.locked():
            await self._stop()

    async def delete(self) -> None:
        """Ends all its servers and removes everything it kept."""
        with self.locked():
            await asyncio.gather(*(process.stop(0) for process in self.processes()))
            await asyncio.to_thread(shutil.rmtree, self.directory)

    def locked(self) -> AcquireReturnProxy[FileLock]:
        """Keeps other commands from starting, stopping or deleting it meanwhile.

        Raises:
            KrakeError: another command does so now.
        """
        try:
            return FileLock(self.directory / "lock").acquire(timeout=0)
        except Timeout as error:
            raise KrakeError(
                f"Sandbox {self.name} is being started, stopped or deleted by another command",
                fix="Try again when that one is done",
            ) from error

    async def _stop(self) -> None:
        # The API server's clients go first: it waits for their open watches otherwise.
        for group in (parts.CLIENTS, (parts.APISERVER,), (parts.ETCD,)):
            await self._end(group)

    async def _end(self, group: Iterable[str]) -> None:
        stops = (self.plane.process(part).stop(GRACE.get(part, DEFAULT_GRACE)) for part in group)
        await asyncio.gather(*stops)

    async def _add_nodes(self, api: KubernetesApi) -> None:
        wanted = (node(index, self.spec.cpu, self.spec.memory) for index in range(self.spec.nodes))
        await asyncio.gather(*(api.add_node(one) for one in wanted))

    async def _wait_for_nodes(self, api: KubernetesApi, programs: Mapping[str, Path]) -> None:
        """A kwok that begins among Pods that are there already crashes now and then: it is started again."""
        for left in reversed(range(KWOK_STARTS)):
            try:
                await self._wait("its nodes were ready", lambda: self._serves(api), *parts.PARTS)
                return
            except KrakeError:
                if not left or self.plane.process(parts.KWOK).find() is not None:
                    raise
            self.plane.start(parts.KWOK, programs)

    async def _serves(self, api: KubernetesApi) -> bool:
        accounts = "/api/v1/namespaces/default/serviceaccounts/default"
        return await api.answers(accounts) and await api.nodes_ready(self.spec.nodes)

    async def _wait(self, what: str, condition: Callable[[], Awaitable[bool]], *needed: str) -> None:
        processes = [self.plane.process(part) for part in needed]
        # The part a person should look at first is the last one: the others only serve it.
        await wait_until(
            f"sandbox {self.name}: {what}", condition, reversed(processes), seconds=READY_SECONDS
        )

    def _require_ports(self) -> None:
        ports = self.spec.ports
        for part, port in (
            (parts.APISERVER, ports.api),
            (parts.ETCD, ports.etcd),
            (parts.ETCD, ports.etcd_peer),
        ):
            if self.plane.process(part).find() is None and not is_free(port):
                raise KrakeError(
                    f"Sandbox {self.name} cannot start: port {port} is taken",
                    why=f"its {part} had this port, and its kubeconfig names it",
                    fix="Stop the process that listens there, or delete the sandbox and create it again",
                )

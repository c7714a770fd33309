"""The provider `sandbox`: clusters that are sandboxes beside the worker, on the cloud type `custom`.

It is for demonstrations and tests, and the smallest complete example of a provider. The control planes are
real, their nodes are simulated. Each is made by `krake sandbox create` in a process of its own, which
outlives a worker that is killed.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import yaml

from krake.embedded import sandboxes
from krake.embedded.sandbox import Sandbox, SandboxState
from krake.errors import KrakeError
from krake.models.infrastructure import ClusterInfrastructure
from krake.models.reasons import ReasonCode
from krake.provisioning.provider import (
    Flavor,
    Progress,
    ProviderAccess,
    ProviderError,
    Quota,
    Stage,
    Survey,
    WantedCluster,
)

FLAVORS = (
    Flavor("small", cpus=2, memory_mib=4096),
    Flavor("medium", cpus=4, memory_mib=16384),
    Flavor("large", cpus=8, memory_mib=32768),
)
_STARTS = 120.0
"""Seconds that a control plane may take, on a slow machine."""
_APPEARS = 60.0
_LOOK = 0.1


def sandbox_provider(access: ProviderAccess) -> SandboxProvider:
    """The provider on one cloud.

    Its option `limit` is the number of sandboxes that may be there; without it there is no limit.

    Raises:
        ProviderError: the limit is no number.
    """
    limit = access.cloud.get("custom", {}).get("options", {}).get("limit", -1)
    if not isinstance(limit, int):
        raise _invalid("the option 'limit' of the cloud has to be a whole number")
    return SandboxProvider(access.state_dir, limit)


class SandboxProvider:
    """Sandboxes in a state folder. Their names end with the cluster's uid, by which they are found."""

    def __init__(self, root: Path, limit: int) -> None:
        self._root = root
        self._limit = limit

    async def create(self, wanted: WantedCluster) -> str:
        """Begin to make it; its name."""
        name = wanted.cloud_name
        if self._exists(name):
            return name
        machines = _machines(wanted)
        flavor = _flavor(machines)
        if 0 <= self._limit <= len(self._all()):
            raise ProviderError(
                ReasonCode.QUOTA_EXCEEDED,
                f"Quota exceeded for sandboxes: {len(self._all())} of {self._limit} are there",
                temporary=False,
            )
        await self._begin(name, machines.nodes, flavor)
        return name

    async def _begin(self, name: str, nodes: int, flavor: Flavor) -> None:
        words = ["sandbox", "create", name, "--nodes", str(nodes), "--state-dir", str(self._root)]
        size = ["--cpu", str(flavor.cpus), "--memory", f"{flavor.memory_mib}Mi"]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "krake", *words, *size),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        deadline = time.monotonic() + _APPEARS
        while not self._exists(name):
            if process.returncode is not None or time.monotonic() > deadline:
                why = (
                    await process.stderr.read() if process.stderr and process.returncode is not None else b""
                )
                words_of_it = why.decode(errors="replace").strip() or "it does not begin"
                raise ProviderError(ReasonCode.CREATE_FAILED, words_of_it, temporary=False)
            await asyncio.sleep(_LOOK)

    async def find(self, uid: str) -> str | None:
        """The name of the sandbox that ends with this uid."""
        probe = WantedCluster(uid=uid, namespace="x", name="x").cloud_name
        suffix = probe[probe.index("krake-") :]
        return next((name for name in self._all() if name.endswith(suffix)), None)

    async def progress(self, cluster_id: str) -> Progress:
        """Whether its servers run."""
        if not self._exists(cluster_id):
            return Progress(Stage.GONE)
        sandbox = self._sandbox(cluster_id)
        if sandbox is not None and sandbox.state is SandboxState.RUNNING:
            if await asyncio.to_thread(_is_free, sandbox):
                return Progress(Stage.READY, "its servers run", sandbox.spec.nodes)
            return Progress(Stage.WORKING, "its nodes are starting", sandbox.spec.nodes)
        if time.time() - (self._folder / cluster_id).stat().st_mtime > _STARTS:
            return Progress(Stage.FAILED, "its servers do not run", code=ReasonCode.CREATE_FAILED)
        return Progress(Stage.WORKING, "its servers are starting")

    async def kubeconfig(self, cluster_id: str, wanted: WantedCluster) -> dict[str, Any]:
        """The administrator's kubeconfig."""
        document = yaml.safe_load(self._made(cluster_id).kubeconfig_of())
        return dict(document)

    async def scale(self, cluster_id: str, wanted: WantedCluster) -> None:
        """Add or remove nodes; the last ones go first."""
        try:
            await self._made(cluster_id).resize(_machines(wanted).nodes)
        except KrakeError as error:
            raise ProviderError(ReasonCode.RECONCILE_FAILED, _line(error), temporary=True) from error

    async def upgrade(self, cluster_id: str, wanted: WantedCluster) -> None:
        """Sandboxes have the one version that was built."""
        raise _invalid("a sandbox has the version of Kubernetes that was built; it cannot be upgraded")

    async def delete(self, cluster_id: str) -> None:
        """End its servers and remove its folder."""
        if not self._exists(cluster_id):
            return
        try:
            await sandboxes.delete(cluster_id, self._root)
        except KrakeError as error:
            # It is still being made: the next attempt finds it done.
            raise ProviderError(ReasonCode.DELETE_FAILED, _line(error), temporary=True) from error

    async def survey(self) -> Survey:
        """The sizes of nodes, and how many sandboxes there are."""
        return Survey(FLAVORS, (Quota("clusters", self._limit, len(self._all())),))

    async def close(self) -> None:
        """There is nothing to close."""

    @property
    def _folder(self) -> Path:
        return self._root.absolute() / "sandboxes"

    def _all(self) -> list[str]:
        """The names of all sandboxes that clusters were made of, also of those that are just begun."""
        return sorted(path.name for path in self._folder.glob("*krake-*") if path.is_dir())

    def _exists(self, name: str) -> bool:
        return (self._folder / name).is_dir()

    def _sandbox(self, name: str) -> Sandbox | None:
        try:
            return sandboxes.get(name, self._root)
        except KrakeError:
            # Begun, but not described yet.
            return None

    def _made(self, name: str) -> Sandbox:
        sandbox = self._sandbox(name)
        if sandbox is None:
            raise ProviderError(ReasonCode.NOT_FOUND, f"there is no sandbox {name}", temporary=False)
        return sandbox


def _machines(wanted: WantedCluster) -> ClusterInfrastructure:
    if wanted.infrastructure is None:
        raise _invalid("sandboxes are not made from TOSCA templates")
    if wanted.infrastructure.control_plane_nodes != 1:
        raise _invalid("a sandbox has one control plane node")
    return wanted.infrastructure


def _flavor(machines: ClusterInfrastructure) -> Flavor:
    name = machines.flavor or FLAVORS[-1].name
    found = next((flavor for flavor in FLAVORS if flavor.name == name), None)
    if found is None:
        known = ", ".join(flavor.name for flavor in FLAVORS)
        raise _invalid(f"there is no flavor '{name}'; there are {known}")
    return found


def _is_free(sandbox: Sandbox) -> bool:
    """Whether nobody is starting it any more."""
    try:
        with sandbox.locked():
            return True
    except KrakeError:
        return False


def _invalid(message: str) -> ProviderError:
    return ProviderError(ReasonCode.INVALID_RESOURCE, message, temporary=False)


def _line(error: KrakeError) -> str:
    return ": ".join(part for part in (error.what, error.why) if part)

"""Creates, finds and deletes sandboxes; each is a folder below `sandboxes` in the state folder."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from krake.embedded.binaries import CONTROL_PLANE, ensure
from krake.embedded.control_plane import Ports
from krake.embedded.credentials import write_private
from krake.embedded.paths import state_dir
from krake.embedded.progress import Progress
from krake.embedded.sandbox import SPEC, Sandbox, SandboxSpec
from krake.embedded.stable_ports import stable_ports
from krake.errors import KrakeError

FIXES = {
    "name": "Use lower-case letters, digits and hyphens, 63 at most",
    "cpu": "Give cores as Kubernetes does, such as 8 or 500m",
    "memory": "Give bytes as Kubernetes does, such as 32Gi",
    "nodes": "Choose from 0 to 1000",
}


async def create(
    name: str,
    *,
    labels: Mapping[str, str] | None = None,
    nodes: int = 2,
    cpu: str = "8",
    memory: str = "32Gi",
    root: Path | None = None,
    progress: Progress | None = None,
) -> Sandbox:
    """Makes a sandbox and waits until Pods can be scheduled on it, which takes some seconds.

    Args:
        name: its name, of lower-case letters, digits and hyphens.
        labels: kept with it, for registering it with Krake.
        nodes: how many simulated nodes it has.
        cpu: the cores of each node as a Kubernetes quantity.
        memory: the memory of each node as a Kubernetes quantity.
        root: the state folder, by default the user's.
        progress: told how builds come along where a server must be built first.

    Raises:
        KrakeError: the name is taken or invalid, the folder cannot be written, or a server fails.
    """
    # What could take minutes or fail comes before anything is written.
    require_new(name, root)
    spec = _spec(name, dict(labels or {}), nodes, cpu, memory)
    await asyncio.to_thread(ensure, CONTROL_PLANE, progress)
    sandbox = Sandbox(_folder(root) / name, spec)
    _occupy(sandbox)
    try:
        sandbox.plane.prepare()
        write_private(sandbox.kubeconfig, sandbox.kubeconfig_of().encode())
        write_private(sandbox.directory / SPEC, spec.model_dump_json(indent=2).encode())
        await sandbox.start(progress)
    except KrakeError:
        # The logs stay readable until the person deletes it.
        await sandbox.stop()
        raise
    except BaseException:
        await sandbox.delete()
        raise
    return sandbox


def require_new(name: str, root: Path | None = None) -> None:
    """Raises: KrakeError: there is a sandbox of this name."""
    if (_folder(root) / name).exists():
        raise _taken(name)


def get(name: str, root: Path | None = None) -> Sandbox:
    """The sandbox of this name.

    Raises:
        KrakeError: there is none.
    """
    directory = _folder(root) / name
    try:
        spec = SandboxSpec.model_validate_json((directory / SPEC).read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        known = ", ".join(one.name for one in list_sandboxes(root)) or "none"
        raise KrakeError(f"There is no sandbox {name}", why=f"Sandboxes here: {known}") from None
    except ValidationError as error:
        raise KrakeError(f"{directory / SPEC} is damaged", why=error.errors()[0]["msg"]) from error
    return Sandbox(directory, spec)


def list_sandboxes(root: Path | None = None) -> list[Sandbox]:
    """All sandboxes, by name."""
    return [get(path.parent.name, root) for path in sorted(_folder(root).glob(f"*/{SPEC}"))]


async def delete(name: str, root: Path | None = None) -> None:
    """Ends a sandbox's servers and removes it.

    Raises:
        KrakeError: there is none of this name, or another command works on it.
    """
    directory = _folder(root) / name
    if directory.is_dir() and not (directory / SPEC).exists():
        # A creation was killed before it started any server.
        await asyncio.to_thread(shutil.rmtree, directory)
        return
    await get(name, root).delete()


def _folder(root: Path | None) -> Path:
    # Absolute, because the servers run in a folder of their own.
    return (root or state_dir()).absolute() / "sandboxes"


def _occupy(sandbox: Sandbox) -> None:
    try:
        sandbox.directory.parent.mkdir(parents=True, exist_ok=True)
        sandbox.directory.mkdir(mode=0o700)
    except FileExistsError as error:
        raise _taken(sandbox.name) from error
    except OSError as error:
        raise KrakeError(
            f"Sandbox {sandbox.name} cannot be made in {sandbox.directory.parent}",
            why=error.strerror or str(error),
            fix="Set KRAKE_STATE_DIR to a folder that can be written",
        ) from error


def _taken(name: str) -> KrakeError:
    return KrakeError(
        f"Sandbox {name} exists already", fix=f"Take another name, or `krake sandbox delete {name}` first"
    )


def _spec(name: str, labels: dict[str, str], nodes: int, cpu: str, memory: str) -> SandboxSpec:
    ports = Ports(*stable_ports(3))
    try:
        return SandboxSpec(name=name, labels=labels, nodes=nodes, cpu=cpu, memory=memory, ports=ports)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        raise KrakeError(
            f"A sandbox's {field} cannot be {first['input']!r}", why=first["msg"], fix=FIXES.get(field, "")
        ) from error

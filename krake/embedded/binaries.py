"""The servers Krake can start; each is found in `KRAKE_BIN`, on the PATH or in the cache, else built."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from krake.embedded.build import build
from krake.embedded.modules import Binary, GoModule
from krake.embedded.progress import Progress, console_progress
from krake.embedded.toolchain import find_toolchain

TEMPORAL = Binary("temporal", "temporal", "github.com/temporalio/cli/cmd/temporal")
KUBE_APISERVER = Binary("kube-apiserver", "kubernetes", "k8s.io/kubernetes/cmd/kube-apiserver")
KUBE_CONTROLLER_MANAGER = Binary(
    "kube-controller-manager", "kubernetes", "k8s.io/kubernetes/cmd/kube-controller-manager"
)
KUBE_SCHEDULER = Binary("kube-scheduler", "kubernetes", "k8s.io/kubernetes/cmd/kube-scheduler")
ETCD = Binary("etcd", "etcd", "go.etcd.io/etcd/server/v3")
KWOK = Binary("kwok", "kwok", "sigs.k8s.io/kwok/cmd/kwok")
PROMETHEUS = Binary("prometheus", "prometheus", "github.com/prometheus/prometheus/cmd/prometheus")

CONTROL_PLANE = (ETCD, KUBE_APISERVER, KUBE_CONTROLLER_MANAGER, KUBE_SCHEDULER, KWOK)
SERVERS = (TEMPORAL, *CONTROL_PLANE)
"""What `krake up`, sandboxes and the demo start."""
TEST_SERVERS = (*SERVERS, PROMETHEUS)
"""With those that only tests start."""


class Origin(StrEnum):
    """Where a server's program was found."""

    KRAKE_BIN = "KRAKE_BIN"
    PATH = "PATH"
    CACHE = "cache"


@dataclass(frozen=True)
class Located:
    """A server's program and where it was found."""

    binary: Binary
    path: Path
    origin: Origin


def locate(binary: Binary, tools: Path | None = None) -> Located | None:
    """Finds a server's program without building it.

    Args:
        binary: the server.
        tools: the folder of the pinned Go modules, by default Krake's own.
    """
    places = ((Origin.KRAKE_BIN, os.environ.get("KRAKE_BIN", "")), (Origin.PATH, os.environ.get("PATH", "")))
    for origin, path in places:
        if path and (found := shutil.which(binary.name, path=path)):
            return Located(binary, Path(found).absolute(), origin)
    built = GoModule.load(binary.module, tools).cached(binary.name)
    return Located(binary, built, Origin.CACHE) if built else None


def ensure(
    binaries: Sequence[Binary] = SERVERS, progress: Progress | None = None, tools: Path | None = None
) -> dict[str, Path]:
    """Finds the given servers' programs and builds those that are nowhere yet, which takes minutes.

    Args:
        binaries: the servers wanted.
        progress: told how the builds come along; by default shown on the standard error stream.
        tools: the folder of the pinned Go modules, by default Krake's own.

    Returns:
        the path of each program by the server's name.

    Raises:
        KrakeError: there is no Go toolchain, or a build fails.
    """
    missing = [binary for binary in binaries if locate(binary, tools) is None]
    modules = list(dict.fromkeys(binary.module for binary in missing))
    if modules:
        _build_all([GoModule.load(name, tools) for name in modules], missing, progress or console_progress())
    found = (locate(binary, tools) for binary in binaries)
    return {located.binary.name: located.path for located in found if located}


def _build_all(modules: Sequence[GoModule], wanted: Iterable[Binary], progress: Progress) -> None:
    toolchain = find_toolchain(max(module.go_version for module in modules))
    siblings = {*SERVERS, *wanted}
    with progress:
        for index, module in enumerate(modules, 1):
            names = sorted((b for b in siblings if b.module == module.name), key=lambda b: b.name)
            progress.module(module.name, index, len(modules), [binary.name for binary in names])
            build(module, names, toolchain, progress)

"""Builds a pinned Go module into the cache: once, whole or not at all."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from filelock import AcquireReturnProxy, FileLock, Timeout

from krake.embedded.modules import Binary, GoModule
from krake.embedded.paths import cache_dir
from krake.embedded.progress import Progress
from krake.embedded.toolchain import Toolchain, go_environment
from krake.errors import KrakeError

TAIL = 4
PATIENCE = 10.0


def build(module: GoModule, binaries: Sequence[Binary], toolchain: Toolchain, progress: Progress) -> None:
    """Builds `binaries` of `module` into the cache, unless another process does so meanwhile.

    The programs appear in the cache by one rename, so that an interrupted build leaves none behind.

    Raises:
        KrakeError: the build fails, or the cache cannot be written.
    """
    try:
        with _lock(module, progress):
            if not module.target.exists():
                _build_and_publish(module, binaries, toolchain, progress)
    except OSError as error:
        raise KrakeError(
            f"Cannot build {module.name} in {cache_dir()}",
            why=str(error),
            fix="Set KRAKE_CACHE to a folder that can be written and has 3 GB free",
        ) from error


def _lock(module: GoModule, progress: Progress) -> AcquireReturnProxy[FileLock]:
    """The held lock of a module's target; it opens by itself when the process that holds it dies."""
    lock_file = cache_dir() / "locks" / f"{module.target.name}.lock"
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(lock_file)
    try:
        return lock.acquire(timeout=0)
    except Timeout:
        progress.note(f"another process builds {module.name}; waiting for it")
        return lock.acquire()


def _build_and_publish(
    module: GoModule, binaries: Sequence[Binary], toolchain: Toolchain, progress: Progress
) -> None:
    parent = module.target.parent
    parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{module.target.name}-"
    for left_over in parent.glob(f"{prefix}*"):
        shutil.rmtree(left_over)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=parent, ignore_cleanup_errors=True) as scratch:
        output = Path(scratch) / "programs"
        output.mkdir()
        _run_go(module, binaries, toolchain, output, progress)
        for binary in binaries:
            os.replace(output / binary.built_as, output / binary.name)
        os.replace(output, module.target)


def _run_go(
    module: GoModule, binaries: Sequence[Binary], toolchain: Toolchain, output: Path, progress: Progress
) -> None:
    log = cache_dir() / "logs" / f"{module.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [str(toolchain.go), "build", "-v", *module.flags, "-o", f"{output}{os.sep}"]
    command += [binary.package for binary in binaries]
    go = subprocess.Popen(
        command,
        cwd=module.directory,
        env=go_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    try:
        tail = _follow(go, log, progress)
        status = go.wait()
    finally:
        _end(go)
    if status:
        raise KrakeError(
            f"Building {module.name} failed",
            why=" | ".join(tail) or f"go build ended with status {status}",
            fix=f"The whole output is in {log}",
        )


def _follow(go: subprocess.Popen[str], log: Path, progress: Progress) -> list[str]:
    """Copies the output to the log and returns its last lines that are not about what goes well."""
    said: list[str] = []
    with log.open("w") as copy:
        for line in go.stdout or ():
            copy.write(line)
            text = line.strip()
            if " " not in text:
                progress.compiled(text)
                continue
            progress.said(text)
            if not text.startswith("go: downloading "):
                said = [*said, text][-TAIL:]
    return said


def _end(go: subprocess.Popen[str]) -> None:
    if go.stdout:
        go.stdout.close()
    if go.poll() is None:
        go.terminate()
        try:
            go.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            go.kill()
            go.wait()

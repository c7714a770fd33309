"""The pinned Go modules in `tools/`, each the build file of one or more servers."""

from __future__ import annotations

import hashlib
import platform
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from krake.embedded.paths import cache_dir, tools_dir
from krake.embedded.toolchain import Version, parse_version
from krake.errors import KrakeError

TAGS = {"prometheus": ("netgo", "remove_all_sd")}
"""Build tags by module: Prometheus without the clients of all the clouds in which it can look for targets."""


@dataclass(frozen=True)
class Binary:
    """One server: its command's name, the folder in `tools/` that pins it, and its Go main package."""

    name: str
    module: str
    package: str

    def version(self, tools: Path | None = None) -> str:
        """The pinned version, such as `v1.33.4`."""
        return GoModule.load(self.module, tools).version_of(self.package)

    @property
    def built_as(self) -> str:
        """The file name Go gives the program: the package's last part that is not a major version."""
        parts = self.package.split("/")
        return parts[-2] if re.fullmatch(r"v\d+", parts[-1]) else parts[-1]


@dataclass(frozen=True)
class GoModule:
    """A folder of `tools/` with `go.mod` and `go.sum`."""

    name: str
    directory: Path
    go_mod: str
    go_sum: str

    @classmethod
    def load(cls, name: str, tools: Path | None = None) -> GoModule:
        """Reads a module of the folder `tools`, by default Krake's own.

        Raises:
            KrakeError: the folder has no such module.
        """
        directory = (tools or tools_dir()) / name
        try:
            go_mod = (directory / "go.mod").read_text()
            sums = directory / "go.sum"
            # A module without dependencies outside its own folder has no checksums.
            return cls(name, directory, go_mod, sums.read_text() if sums.exists() else "")
        except OSError as error:
            raise KrakeError(f"The build file of {name} cannot be read", why=str(error)) from error

    @property
    def go_version(self) -> Version:
        """The oldest Go toolchain that can build the module."""
        line = re.search(r"^go (\S+)$", self.go_mod, re.MULTILINE)
        return (parse_version(line[1]) if line else None) or (1, 21, 0)

    @property
    def flags(self) -> list[str]:
        """The build flags; Kubernetes learns its own version from them, for `/version` to be true."""
        link = ["-s", "-w"]
        if self.name == "kubernetes":
            version = self.version_of("k8s.io/kubernetes")
            major, minor, _ = version.removeprefix("v").split(".")
            values = {"gitVersion": version, "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean"}
            link += [f"-X k8s.io/component-base/version.{key}={value}" for key, value in values.items()]
        tags = [f"-tags={','.join(TAGS[self.name])}"] if self.name in TAGS else []
        return [f"-ldflags={' '.join(link)}", "-mod=readonly", *tags]

    @property
    def key(self) -> str:
        """What the result depends on, as a short hash: another pin, flag or platform gives another key."""
        system = f"{sys.platform}/{platform.machine()}"
        parts = "\0".join((self.go_mod, self.go_sum, *self.flags, system))
        return hashlib.sha256(parts.encode()).hexdigest()[:16]

    @property
    def target(self) -> Path:
        """The cache folder that holds this module's programs once built."""
        return cache_dir() / "servers" / f"{self.name}-{self.key}"

    def cached(self, program: str) -> Path | None:
        """The program in the cache, if it was built."""
        path = self.target / program
        return path if path.is_file() else None

    def version_of(self, package: str) -> str:
        """The required version of the Go module a package belongs to, or an empty text."""
        required = re.findall(r"^(?:require)?\s+(\S+) (v\S+)(?: // indirect)?$", self.go_mod, re.MULTILINE)
        owners = [(path, version) for path, version in required if f"{package}/".startswith(f"{path}/")]
        return str(max(owners, key=lambda owner: len(owner[0]))[1]) if owners else ""

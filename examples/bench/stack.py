"""The servers that a benchmark run uses: sandbox clusters and one Krake, all its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

CLUSTER = "bench"
_ANY_PORT = (
    "--api-port",
    "0",
    "--temporal-port",
    "0",
    "--ui-port",
    "0",
    "--metrics-port",
    "0",
    "--client-metrics-port",
    "0",
)


@dataclass(frozen=True, slots=True)
class Stack:
    """Where the servers of this run are."""

    api: str
    token: str = field(repr=False)
    kubeconfigs: Mapping[str, Path]

    @property
    def headers(self) -> dict[str, str]:
        """What every request to the API has to carry."""
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def kubeconfig(self) -> Path:
        """The kubeconfig of the usual cluster."""
        return self.kubeconfigs[CLUSTER]

    def kubeconfig_of(self, cluster: str) -> dict[str, Any]:
        """The content of a cluster's kubeconfig."""
        document: dict[str, Any] = yaml.safe_load(self.kubeconfigs[cluster].read_text())
        return document


@contextmanager
def running(
    state: Path, clusters: Sequence[str] = (CLUSTER,), settings: Mapping[str, str] | None = None
) -> Iterator[Stack]:
    """Start everything with its state in a folder, and stop it in the end.

    Args:
        state: the folder.
        clusters: names of the sandboxes.
        settings: environment variables for Krake's processes.
    """

    def krake(*words: str) -> str:
        command = [sys.executable, "-m", "krake", *words]
        environment = {**os.environ, **(settings or {}), "KRAKE_STATE_DIR": str(state)}
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout

    try:
        for cluster in clusters:
            krake("sandbox", "create", cluster)
        krake("up", "--detach", *_ANY_PORT)
        addresses = json.loads(krake("status", "-o", "json"))["addresses"]
        paths = {one: Path(krake("sandbox", "kubeconfig", one, "--path").strip()) for one in clusters}
        token = Path(addresses["Admin token"]).read_text().strip()
        yield Stack(addresses["API"], token, paths)
    finally:
        krake("down")
        for cluster in clusters:
            krake("sandbox", "delete", cluster)

"""The servers that a benchmark run uses: one sandbox cluster and one Krake, both its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
    kubeconfig: Path

    @property
    def kubeconfig_document(self) -> dict[str, Any]:
        """The content of the kubeconfig."""
        document: dict[str, Any] = yaml.safe_load(self.kubeconfig.read_text())
        return document


@contextmanager
def running(state: Path) -> Iterator[Stack]:
    """Start everything with its state in a folder, and stop it in the end."""

    def krake(*words: str) -> str:
        command = [sys.executable, "-m", "krake", *words]
        environment = {**os.environ, "KRAKE_STATE_DIR": str(state)}
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout

    try:
        krake("sandbox", "create", CLUSTER)
        krake("up", "--detach", *_ANY_PORT)
        addresses = json.loads(krake("status", "-o", "json"))["addresses"]
        yield Stack(addresses["API"], Path(krake("sandbox", "kubeconfig", CLUSTER, "--path").strip()))
    finally:
        krake("down")
        krake("sandbox", "delete", CLUSTER)

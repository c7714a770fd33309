"""Addresses of the cloud that lead to this machine: given to its loopback interface, and taken back."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HELP = (
    "as root, or with CAP_NET_ADMIN and `ip` (apt-get install iproute2): its addresses go to the interface lo"
)
_NET_ADMIN = 12
"""The number of CAP_NET_ADMIN."""


def may_add_addresses() -> bool:
    """Whether this process has what it takes."""
    lines = Path("/proc/self/status").read_text().splitlines()
    effective = next(line.split()[1] for line in lines if line.startswith("CapEff:"))
    return bool(int(effective, 16) >> _NET_ADMIN & 1) and shutil.which("ip") is not None


@contextmanager
def on_loopback(address: str) -> Iterator[None]:
    """Within it, connections to the address come to this machine."""
    _ip("add", address)
    try:
        yield
    finally:
        _ip("del", address)


def _ip(verb: str, address: str) -> None:
    command = ["ip", "address", verb, f"{address}/32", "dev", "lo"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"

"""Ports for servers that must find the same port free again after a stop."""

from __future__ import annotations

import random
import socket

from krake.errors import KrakeError

# Below those that the system takes for outgoing connections, so that none of them is in the way later.
RANGE = range(16_000, 30_000)


def stable_ports(count: int, host: str = "127.0.0.1") -> list[int]:
    """Different ports that nobody listens on now.

    Raises:
        KrakeError: there are not as many.
    """
    found: list[int] = []
    for port in random.sample(RANGE, len(RANGE)):
        if is_free(port, host):
            found.append(port)
            if len(found) == count:
                return found
    raise KrakeError(f"No {count} free ports between {RANGE.start} and {RANGE.stop}")


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as probe:
        # A port with connections that are only waiting to be forgotten can be taken by a server.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True

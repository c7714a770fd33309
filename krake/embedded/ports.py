"""Ports that `krake up` needs: free or not, and who has them."""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

from krake.errors import KrakeError


@dataclass(frozen=True, slots=True)
class Port:
    """A port that a part will listen on, and the flag that changes it."""

    use: str
    host: str
    number: int
    flag: str


def free_port(host: str) -> int:
    """A port that is free now.

    Raises:
        KrakeError: the host is not this machine's.
    """
    try:
        return _bind(host, 0)
    except OSError as error:
        raise _foreign(host) from error


def require_free(ports: Sequence[Port]) -> None:
    """Check the ports before anything is started.

    Raises:
        KrakeError: one is taken, wanted twice, or the host is not this machine's.
    """
    seen: dict[int, Port] = {}
    for port in ports:
        if other := seen.get(port.number):
            raise KrakeError(
                f"Port {port.number} is wanted for {other.use} and for {port.use}",
                fix=f"Choose another one with {port.flag}",
            )
        seen[port.number] = port
        _require_free(port)


def _require_free(port: Port) -> None:
    try:
        _bind(port.host, port.number)
    except PermissionError as error:
        raise KrakeError(
            f"Port {port.number} for {port.use} needs more rights than this user has",
            fix=f"Choose one above 1023 with {port.flag}",
        ) from error
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise _foreign(port.host) from error
        raise KrakeError(
            f"Port {port.number} for {port.use} is taken",
            why=_owner(port.number),
            fix=f"Stop what uses it, or choose another port with {port.flag} (0 takes any free one)",
        ) from error


def _bind(host: str, number: int) -> int:
    """Take the port for a moment, as a server would, and return its number."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, number))
        return int(probe.getsockname()[1])


def _foreign(host: str) -> KrakeError:
    return KrakeError(f"{host} is no address of this machine", fix="Choose another one with --host")


def _owner(number: int) -> str:
    """The process that listens on the port, where this user may know."""
    try:
        for connection in psutil.net_connections(kind="tcp"):
            here = connection.laddr and connection.laddr.port == number
            if here and connection.pid and connection.status == psutil.CONN_LISTEN:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid}) listens on it"
    except (psutil.AccessDenied, psutil.NoSuchProcess):
        return ""
    return ""

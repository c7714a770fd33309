"""Ports that `krake up` needs: free or not, and who has them."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

from krake.errors import KrakeError


@dataclass(frozen=True, slots=True)
class Port:
    """A port that a part will listen on, and the flag that changes it."""

    use: str
    number: int
    flag: str


def free_port(host: str) -> int:
    """A port that is free now."""
    with socket.socket(_family(host), socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def require_free(host: str, ports: Sequence[Port]) -> None:
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
        _require_free(host, port)


def _require_free(host: str, port: Port) -> None:
    try:
        with socket.socket(_family(host), socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port.number))
    except socket.gaierror as error:
        raise KrakeError(f"{host} is no address of this machine", fix="Choose another --host") from error
    except PermissionError as error:
        raise KrakeError(
            f"Port {port.number} for {port.use} needs more rights than this user has",
            fix=f"Choose one above 1023 with {port.flag}",
        ) from error
    except OSError as error:
        raise KrakeError(
            f"Port {port.number} for {port.use} cannot be had on {host}",
            why=_owner(port.number) or error.strerror or str(error),
            fix=f"Stop that process, or choose another port with {port.flag} (0 takes any free one)",
        ) from error


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


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET

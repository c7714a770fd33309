"""Which addresses only this machine reaches, and the refusal to speak plain text on others."""

from __future__ import annotations

from ipaddress import ip_address

from krake.errors import KrakeError


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a server on the host."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def require_encryption(what: str, host: str, *, encrypted: bool, insecure: bool, fix: str) -> None:
    """Let a server listen on this machine, or encrypted, or where the operator insists.

    Raises:
        KrakeError: others would reach it in plain text.
    """
    if encrypted or insecure or is_loopback(host):
        return
    raise KrakeError(
        f"{what} would be served in plain text on {host or 'all addresses'}, for others to read",
        why="Tokens and what is deployed would cross the network unencrypted",
        fix=fix,
    )

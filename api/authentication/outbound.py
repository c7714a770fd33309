"""Connections from the API to those who vouch for users."""

from __future__ import annotations

import ssl
from urllib.parse import urlsplit

import httpx

from krake.errors import KrakeError
from krake.settings import Settings

PATIENCE = 5.0
"""Seconds that an answer may take; a request waits for it."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def client_for(settings: Settings) -> httpx.AsyncClient:
    """A client that trusts the authorities of the setting `authentication_ca`, else the system's.

    Raises:
        KrakeError: the file cannot be used.
    """
    path = settings.authentication_ca
    try:
        context = ssl.create_default_context(cafile=str(path) if path else None)
    except OSError as error:
        raise KrakeError(
            f"The CA certificates in {path} cannot be used",
            why=error.strerror or str(error),
            fix="Correct KRAKE_AUTHENTICATION_CA",
        ) from None
    return httpx.AsyncClient(verify=context, timeout=PATIENCE, follow_redirects=False)


def require_safe(variable: str, url: str) -> None:
    """Raise KrakeError unless tokens may be sent to, and keys be fetched from, this address."""
    parts = urlsplit(url)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not safe or not parts.hostname:
        raise KrakeError(
            f"{variable} has to be an https address, not {url!r}",
            why="Over plain http anybody on the way could vouch for users",
            fix=f"Correct {variable}; http is accepted for this machine only",
        )

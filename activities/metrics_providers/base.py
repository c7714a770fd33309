"""What all providers have in common: reading many values at once, over HTTP, with words for what fails."""

from __future__ import annotations

import ssl
from collections.abc import Collection, Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx


class ProviderError(Exception):
    """A provider does not answer, or not as it should. The message names no credentials."""


class Provider(Protocol):
    """A source of values."""

    async def read(self, names: Collection[str]) -> Mapping[str, float]:
        """The values of these metrics, without those that it does not have or that are no numbers.

        Raises:
            ProviderError: it cannot be reached or does not understand.
        """
        ...


class Server(Protocol):
    """What the providers over HTTP have in common."""

    @property
    def url(self) -> str:
        """The server's address."""
        ...

    @property
    def ca_certificate(self) -> str | None:
        """PEM text of the authority that signed its certificate."""
        ...

    @property
    def timeout(self) -> float:
        """Seconds that one request may take."""
        ...


def shown(url: str) -> str:
    """The address without what follows the host: paths and parameters may hold secrets."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}"


async def post(
    server: Server,
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    auth: httpx.BasicAuth | None = None,
    **content: Any,
) -> httpx.Response:
    """The answer to one request.

    Raises:
        ProviderError: there is none, or it is an error.
    """
    try:
        verify = ssl.create_default_context(cadata=server.ca_certificate)
        async with httpx.AsyncClient(
            verify=verify, auth=auth, timeout=server.timeout, trust_env=False
        ) as client:
            answer = await client.post(server.url.rstrip("/") + path, headers=dict(headers or {}), **content)
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
        raise ProviderError(f"{shown(server.url)} does not answer ({type(error).__name__})") from None
    if not answer.is_success:
        raise ProviderError(f"{shown(server.url)} answers {answer.status_code}")
    return answer


def number(value: Any) -> float | None:
    """The value as a number; None where it is none."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def login(
    username: str | None, password: str | None, token: str | None
) -> tuple[dict[str, str], httpx.BasicAuth | None]:
    """Headers and basic credentials of a request."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return headers, (httpx.BasicAuth(username, password or "") if username and not token else None)

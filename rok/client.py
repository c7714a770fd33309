"""The HTTP client of the REST API: requests, pages, watch streams, and errors in words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Self

import httpx

from rok.errors import ExitCode, RokError
from rok.problems import problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rok.config import Config

PAGE = 500
"""Resources fetched by one list request."""
REQUEST_TIMEOUT = 30.0
"""Seconds that one request may take."""
CONNECT_TIMEOUT = 5.0
"""Seconds that making a connection may take."""

Document = dict[str, Any]


class UnreachableError(RokError):
    """The API does not answer; where work is under way, trying again makes sense."""


class Client:
    """A connection to the API of one configuration. Use it as a context manager.

    Every method raises `RokError` with words for people; `UnreachableError` when there is no answer.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self._http = self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str, **params: str | int) -> Document:
        """The document at the path."""
        return self._request("GET", path, params=params)

    def post(self, path: str, document: Document) -> Document:
        """Create a resource and return it."""
        return self._request("POST", path, content=document)

    def put(self, path: str, document: Document, revision: int) -> Document:
        """Replace a resource that still has this revision, and return it."""
        return self._request("PUT", path, content=document, headers={"If-Match": f'"{revision}"'})

    def delete(self, path: str) -> Document:
        """Mark a resource for deletion and return it."""
        return self._request("DELETE", path)

    def list_all(self, path: str) -> Document:
        """The whole list at the path, fetched in pages; its revision is the oldest page's."""
        listing = self.get(path, limit=PAGE)
        token = listing["metadata"].get("continue")
        while token:
            page = self.get(path, limit=PAGE, **{"continue": token})
            listing["items"] += page["items"]
            token = page["metadata"].get("continue")
        listing["metadata"].pop("continue", None)
        return listing

    def stream(self, path: str, since: int, silence: float, name: str = "") -> Iterator[Document | None]:
        """Changes after a revision, None for each heartbeat; ends when the server ends it.

        Args:
            since: revision after which to start.
            name: only the resource of this name; empty for all of the collection.
            silence: seconds without even a heartbeat after which the server counts as unreachable.
        """
        params: dict[str, str | int] = {"watch": "true", "since": since, "heartbeat": 1}
        if name:
            params["name"] = name
        try:
            timeout = httpx.Timeout(REQUEST_TIMEOUT, connect=CONNECT_TIMEOUT, read=silence)
            with self._http.stream("GET", path, params=params, timeout=timeout) as response:
                if response.is_error:
                    response.read()
                    raise problem(response.status_code, response.content, path)
                for line in response.iter_lines():
                    yield json.loads(line) if line.strip() else None
        except httpx.TransportError as error:
            raise self._unreachable(error) from None

    def _open(self) -> httpx.Client:
        from urllib.parse import urlsplit

        tls = self.config.tls
        parts = urlsplit(self.config.api_url)
        secure = parts.scheme == "https"
        headers = {"Authorization": f"Bearer {self.config.token}"} if self.config.token else {}
        try:
            return httpx.Client(
                base_url=self.config.api_url,
                headers={"Accept": "application/json", **headers},
                timeout=httpx.Timeout(REQUEST_TIMEOUT, connect=CONNECT_TIMEOUT),
                verify=_ssl_context(tls.client_ca, tls.client_cert, tls.client_key) if secure else False,
                trust_env=parts.hostname not in ("localhost", "127.0.0.1", "::1"),
            )
        except OSError as error:
            raise RokError(
                "Cannot load the TLS files",
                code=ExitCode.USAGE,
                why=f"{error.filename or self.config.source}: {error.strerror or error}",
                fix=f"Check tls in {self.config.source}",
            ) from None

    def _request(
        self,
        method: str,
        path: str,
        *,
        params: dict[str, str | int] | None = None,
        content: Document | None = None,
        headers: dict[str, str] | None = None,
    ) -> Document:
        try:
            response = self._http.request(method, path, params=params, json=content, headers=headers)
        except httpx.TransportError as error:
            raise self._unreachable(error) from None
        if response.is_error or response.is_redirect:
            raise problem(response.status_code, response.content, path)
        return self._document(response.content)

    def _document(self, content: bytes) -> Document:
        try:
            document = json.loads(content)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise RokError(
                f"What answers at {self.config.api_url} is not Krake's API",
                code=ExitCode.SERVER,
                fix=f"Check api_url (from {self.config.source}) and ROK_API_URL",
            )
        return document

    def _unreachable(self, error: Exception) -> UnreachableError:
        return UnreachableError(
            f"Krake's API at {self.config.api_url} cannot be reached",
            code=ExitCode.SERVER,
            why=str(error) or type(error).__name__,
            fix=f"Start it with `krake up`, or set api_url (now from {self.config.source}) or ROK_API_URL",
        )


def _ssl_context(authority: str, certificate: str, key: str) -> Any:
    import ssl

    context = ssl.create_default_context(cafile=authority or None)
    if certificate:
        context.load_cert_chain(certificate, key or None)
    return context

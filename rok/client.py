"""The client of the REST API: documents, pages of lists, and watch streams."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rok.errors import ExitCode, RokError
from rok.problems import problem
from rok.transport import Params, Transport

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rok.config import Config

PAGE = 500
"""Resources fetched by one list request."""
REQUEST_TIMEOUT = 20.0
"""Seconds that the API may be silent."""

Document = dict[str, Any]


class Client:
    """Talks to the API of one configuration.

    Every method raises `RokError` with words for people; `UnreachableError` when there is no answer.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.timeout = REQUEST_TIMEOUT
        """Seconds that the API may be silent before it counts as unreachable."""
        self._transport = Transport(config)

    def get(self, path: str, **params: str | int) -> Document:
        """The document at the path."""
        return self._request("GET", path, params=params)

    def post(self, path: str, document: Document, **params: str | int) -> Document:
        """Create a resource and return it."""
        return self._request("POST", path, content=document, params=params)

    def put(self, path: str, document: Document, revision: int, **params: str | int) -> Document:
        """Replace a resource that still has this revision, and return it."""
        headers = {"If-Match": f'"{revision}"'}
        return self._request("PUT", path, content=document, params=params, headers=headers)

    def order(self, path: str, document: Document | None = None, **params: str | int) -> Document:
        """Ask for something to be done to a resource, and return the answer."""
        return self._request("PUT", path, content=document, params=params)

    def delete(self, path: str, **params: str | int) -> Document:
        """Mark a resource for deletion and return it."""
        return self._request("DELETE", path, params=params)

    def list_all(self, path: str, **params: str | int) -> Document:
        """The whole list at the path, fetched in pages; its revision is the first page's."""
        listing = self.get(path, limit=PAGE, **params)
        token = listing["metadata"].get("continue")
        while token:
            page = self.get(path, limit=PAGE, **params, **{"continue": token})
            listing["items"] += page["items"]
            token = page["metadata"].get("continue")
        listing["metadata"].pop("continue", None)
        return listing

    def stream(self, path: str, since: int, silence: float, **params: str | int) -> Iterator[Document | None]:
        """Changes after a revision, None for each heartbeat; ends when the server ends it.

        Args:
            path: the collection's path.
            since: revision after which to start.
            silence: seconds without even a heartbeat after which the server counts as unreachable.
            params: what it is narrowed to: the `name` of one resource, or selectors.
        """
        yield from self.lines(path, silence, since=since, **params)

    def lines(self, path: str, silence: float, **further: str | int) -> Iterator[Document | None]:
        """The documents of a watch stream, None for each heartbeat; ends when the server ends it.

        Args:
            path: what is watched.
            silence: seconds without even a heartbeat after which the server counts as unreachable.
            further: parameters of the path.
        """
        params: dict[str, str | int] = {"watch": "true", "heartbeat": 1, **further}
        with self._transport.open("GET", path, timeout=silence, params=params) as response:
            for line in response:
                # A line without its end is one that a dying server did not finish.
                if line.endswith(b"\n"):
                    yield _told(line, path) if line.strip() else None

    def _request(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        content: Document | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Document:
        body = json.dumps(content).encode() if content is not None else None
        with self._transport.open(
            method, path, timeout=self.timeout, params=params, body=body, headers=headers
        ) as response:
            answer = response.read()
        return self._document(answer)

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


def _told(line: bytes, path: str) -> Document:
    """One line of a stream.

    Raises:
        ProblemError: it is the last one, and says why the stream ends: the token is not valid any more.
    """
    document: Document = json.loads(line)
    if document.get("type") == "ERROR":
        why = document["object"]
        raise problem(int(why["status"]), json.dumps(why).encode(), path)
    return document

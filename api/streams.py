"""The forms in which a stream of changes is sent: JSON lines, or server-sent events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

JSON_LINES_TYPE = "application/x-ndjson"
EVENTS_TYPE = "text/event-stream"


class Form(Protocol):
    """How changes and heartbeats look on the wire."""

    @property
    def media_type(self) -> str:
        """The content type of the stream."""

    @property
    def heartbeat(self) -> bytes:
        """What is sent while nothing happens."""

    def change(self, content: bytes, number: int | None) -> bytes:
        """One change; the number is what a client resumes with, where it may resume there."""


@dataclass(frozen=True, slots=True)
class JsonLines:
    """One JSON document a line, an empty line as heartbeat."""

    media_type: str = JSON_LINES_TYPE
    heartbeat: bytes = b"\n"

    def change(self, content: bytes, number: int | None) -> bytes:
        """One line."""
        return content + b"\n"


@dataclass(frozen=True, slots=True)
class ServerSentEvents:
    """Events as browsers' `EventSource` reads them; the id is the revision."""

    media_type: str = EVENTS_TYPE
    heartbeat: bytes = b":\n\n"

    def change(self, content: bytes, number: int | None) -> bytes:
        """One event."""
        head = b"" if number is None else b"id: %d\n" % number
        return b"%bdata: %b\n\n" % (head, content)


def form_of(accept: str | None) -> Form:
    """The form that the client asks for in its header `Accept`; JSON lines where it does not care."""
    wanted = [part.partition(";")[0].strip().lower() for part in (accept or "").split(",")]
    return ServerSentEvents() if EVENTS_TYPE in wanted else JsonLines()

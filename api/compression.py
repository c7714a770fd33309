"""Compressed answers, for clients that ask for them. Streams are left alone: compression would delay them."""

from __future__ import annotations

import asyncio
import gzip

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SMALLEST = 1024
"""Bytes below which compression does not pay."""
IN_THREAD = 64 * 1024
"""Bytes from which on others should not wait for it."""
LEVEL = 3


class Compression:
    """Compresses answers that come in one piece."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _accepts_gzip(Headers(scope=scope).get("accept-encoding", "")):
            await self._app(scope, receive, send)
            return
        start: Message | None = None

        async def send_compressed(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and "content-length" in Headers(
                raw=message["headers"]
            ):
                start = message
                return
            if start is not None:
                head, start = start, None
                message = await _compressed(head, message)
                await send(head)
            await send(message)

        await self._app(scope, receive, send_compressed)


async def _compressed(start: Message, body: Message) -> Message:
    """The body, compressed if it is whole and large; its headers say so."""
    headers = MutableHeaders(scope=start)
    content: bytes = body.get("body", b"")
    if body.get("more_body") or len(content) < SMALLEST or "content-encoding" in headers:
        return body
    if len(content) < IN_THREAD:
        packed = gzip.compress(content, LEVEL, mtime=0)
    else:
        packed = await asyncio.to_thread(gzip.compress, content, LEVEL, mtime=0)
    headers["Content-Encoding"] = "gzip"
    headers["Content-Length"] = str(len(packed))
    headers.add_vary_header("Accept-Encoding")
    return {**body, "body": packed}


def _accepts_gzip(header: str) -> bool:
    """Whether the client takes gzip: it is named, or everything is, and not with the quality 0."""
    for part in header.lower().split(","):
        name, _, parameters = part.partition(";")
        if name.strip() in ("gzip", "*"):
            quality = parameters.strip().removeprefix("q=") or "1"
            return quality.rstrip("0") not in ("", "0.", "0")
    return False

"""Lets the Temporal UI's pages, and nobody else's, ask the codec routes."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from krake.settings import CODEC_PATH
from krake.tls.exposure import is_loopback

_LOOPBACK_NAMES = ("127.0.0.1", "localhost")


class CodecCors:
    """Cross-origin requests are allowed to the codec routes alone. They are authenticated as all others: what
    is answered here is only whether a browser may ask (the preflight), and that is no data."""

    def __init__(self, app: ASGIApp, ui_url: str) -> None:
        self._app = app
        self._open = CORSMiddleware(
            app,
            allow_origins=origins_of(ui_url),
            allow_methods=["POST"],
            allow_headers=["Authorization", "Content-Type", "X-Namespace"],
            allow_credentials=True,
            max_age=600,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        codec = scope["type"] == "http" and scope["path"].startswith(f"{CODEC_PATH}/")
        await (self._open if codec else self._app)(scope, receive, send)


def origins_of(ui_url: str) -> list[str]:
    """The origins of the UI's pages: of its URL, and on this machine under both names that people type."""
    parts = urlsplit(ui_url)
    if not parts.hostname:
        return []
    hosts = dict.fromkeys((parts.hostname, *(_LOOPBACK_NAMES if is_loopback(parts.hostname) else ())))
    port = f":{parts.port}" if parts.port else ""
    return [f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}" for host in hosts]

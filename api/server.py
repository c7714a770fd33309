"""Running the API as a process: its socket, its signals, its end."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.authorization.base import store_base_roles
from api.deps import Services
from api.peers import PeerProtocol
from krake.errors import KrakeError
from krake.settings import Settings
from krake.store.migrate import check
from krake.store.opening import open_store
from krake.temporal import connect
from krake.tls.server import server_context

GRACE_SECONDS = 5
"""How long requests that are being answered may take to end when the process is told to stop."""
BACKLOG = 1024

_log = structlog.get_logger("api.server")


class Server(uvicorn.Server):
    """A uvicorn server that ends in order: it ends the watches, which would never end by themselves, and
    returns from `serve` instead of dying of the signal, so that what it was given can be closed."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take SIGTERM and Ctrl-C as the request to stop, for as long as the server runs."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop accepting, let requests finish, end the application."""
        app = self.config.app
        if isinstance(app, FastAPI):
            parts: Services = app.state.services
            parts.feeds.close()
        await super().shutdown(sockets)


async def serve(settings: Settings) -> None:
    """Serve until a signal comes.

    Raises:
        KrakeError: the port is taken, the database's tables are not there or of another release, TLS files
            do not fit, or plain HTTP would be heard by others.
    """
    encryption = server_context(settings)
    check(settings.store_url)
    collect_garbage_rarely()
    with listen(settings.api_host, settings.api_port) as listener:
        temporal = await connect(settings, lazy=True)
        async with open_store(settings) as store:
            await store_base_roles(store)
            server = Server(config(create_app(settings, store, temporal), encryption))
            _log.info("listening", address=address_of(listener, encrypted=encryption is not None))
            await server.serve(sockets=[listener])
            _log.info("stopped")


def config(app: FastAPI, encryption: ssl.SSLContext | None = None) -> uvicorn.Config:
    """How uvicorn runs the application: fast, silent, and ending in bounded time; with TLS where given."""
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=PeerProtocol,
        ssl_context_factory=(lambda *_: encryption) if encryption else None,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        timeout_keep_alive=75,
    )


def collect_garbage_rarely() -> None:
    """Keep the cyclic garbage collector from walking the rows of every large list, which would cost more than
    the list itself; what a request leaves behind is freed by reference counting."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on the address; port 0 takes any free one.

    Raises:
        KrakeError: the address cannot be listened on.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise _cannot_listen(host, port, error) from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise _cannot_listen(host, port, error) from None
    return listener


def address_of(listener: socket.socket, *, encrypted: bool = False) -> str:
    """The URL under which the socket is reached."""
    host, port = listener.getsockname()[:2]
    scheme = "https" if encrypted else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _cannot_listen(host: str, port: int, error: OSError) -> KrakeError:
    return KrakeError(
        f"The API cannot listen on {host}:{port}",
        why=error.strerror or str(error),
        fix="Stop what uses the port, or choose another one: KRAKE_API_HOST, KRAKE_API_PORT",
    )

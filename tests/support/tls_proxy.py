"""A proxy that ends TLS in front of a server that is built without, as operators put one there."""

from __future__ import annotations

import asyncio
import ssl
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

Upstream = Callable[[], Awaitable[tuple[StreamReader, StreamWriter]]]

SSL_REQUEST = 8
"""Bytes with which a PostgreSQL client asks for TLS."""
_LOST = (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError)


def server_context(pki: Path, *, client_ca: bool = False) -> ssl.SSLContext:
    """TLS with the certificate `api` of a folder; with `client_ca` callers have to show one of its CA."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki / "api.crt", pki / "api.key")
    if client_ca:
        context.load_verify_locations(pki / "ca.crt")
        context.verify_mode = ssl.CERT_REQUIRED
    return context


@asynccontextmanager
async def tls_proxy(
    context: ssl.SSLContext, upstream: Upstream, *, postgres: bool = False
) -> AsyncIterator[int]:
    """A port of this machine that speaks TLS and passes on what it hears; or begins as PostgreSQL does."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        with suppress(*_LOST):
            if postgres:
                await reader.readexactly(SSL_REQUEST)
                writer.write(b"S")
                await writer.start_tls(context)
            there, back = await upstream()
            await asyncio.gather(_pass(reader, back), _pass(there, writer))

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=None if postgres else context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pass(reader: StreamReader, writer: StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    finally:
        writer.close()

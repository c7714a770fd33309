"""The part of an application that takes the request to shut down, and calls its hooks.

Sandboxes simulate their nodes, so no container runs there: this plays it. It listens where the Service's
NodePort would lead, and has its token from where the containers would: the Secret in the cluster.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import random
import socket
import sys
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from tests.support.kubernetes import Kubernetes
from tests.support.plain_http import plain_http

EXAMPLE = Path(__file__).parents[2] / "examples" / "hooks" / "helper.py"
SECRETS = "/api/v1/namespaces/default/secrets"

Document = dict[str, Any]


@dataclass
class ShutdownHelper:
    """One application's helper."""

    port: int
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    def service(self) -> Document:
        """The Service through which Krake asks: it leads to this helper."""
        metadata = {"name": f"stop-{self.port}"}
        spec = {"type": "NodePort", "ports": [{"port": 80, "nodePort": self.port}]}
        return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}

    def is_signed(self, token: str) -> bool:
        """Whether the last request proves that it is Krake's."""
        headers, body = self.requests[-1]
        digest = hmac.new(token.encode(), body, hashlib.sha256).hexdigest()
        return headers.get("x-krake-signature") == f"sha256={digest}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        pairs = (line.partition(":") for line in head[1:] if line)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        fits = head[0].startswith("PUT /shutdown ")
        if fits:
            self.requests.append((headers, body))
            self.asked.set()
        status = "202 Accepted" if fits else "404 Not Found"
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


@asynccontextmanager
async def example_helper(cluster: Kubernetes, application: str, port: int) -> AsyncIterator[Path]:
    """The helper of the example as a process of its own; gives the file that it makes to shut down."""
    credentials = await credentials_of(cluster, application, "shutdown")
    with TemporaryDirectory() as folder:
        stopped = Path(folder) / "stopped"
        environment = {
            "KRAKE_SHUTDOWN_TOKEN": credentials["token"],
            "KRAKE_SHUTDOWN_URL": credentials["url"],
            "SHUTDOWN_PORT": str(port),
            "SHUTDOWN_COMMAND": f"touch {stopped}",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(EXAMPLE), env={**os.environ, **environment}
        )
        try:
            yield stopped
        finally:
            process.terminate()
            await process.wait()


@asynccontextmanager
async def shutdown_helper() -> AsyncIterator[ShutdownHelper]:
    """A helper that listens on a port that can be a NodePort."""
    helper = ShutdownHelper(_free_node_port())
    async with await asyncio.start_server(helper.serve, "127.0.0.1", helper.port):
        yield helper


async def call_hook(cluster: Kubernetes, application: str, hook: str) -> httpx.Response:
    """Call a hook as the application would, with the URL and the token that its containers were given."""
    credentials = await credentials_of(cluster, application, hook)
    async with plain_http() as client:
        return await client.put(credentials["url"], json={"token": credentials["token"]})


async def credentials_of(cluster: Kubernetes, application: str, hook: str) -> dict[str, str]:
    """`url` and `token` of a hook."""
    secret = await cluster.get(f"{SECRETS}/{application}-krake-{hook}-secret-token")
    values = {key: b64decode(value).decode() for key, value in secret["data"].items()}
    return {part: values[f"krake_{hook}_{part}"] for part in ("url", "token")}


def _free_node_port() -> int:
    while True:
        port = random.randint(30000, 32767)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


def body_of(helper: ShutdownHelper) -> Document:
    """What the last request said."""
    document: Document = json.loads(helper.requests[-1][1])
    return document

"""A command in a container, with its streams, over the Kubernetes API."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import ClientConnectionError, ClientWebSocketResponse, WSMsgType
from kubernetes.aio.stream.ws_client import (
    ERROR_CHANNEL,
    STDERR_CHANNEL,
    STDIN_CHANNEL,
    STDOUT_CHANNEL,
    WsApiClient,
)

from activities.kubernetes.connection import ClusterConnection
from activities.kubernetes.errors import ClusterError, unreachable

PROTOCOL = "v5.channel.k8s.io"
"""The first version in which the input can be ended, without which a receiving tar waits for ever.

Kubernetes 1.30 and later; https://github.com/kubernetes/enhancements/issues/4006
"""

_CLOSE_CHANNEL = 255
_PING_SECONDS = 5.0
_SILENCE_SECONDS = 60.0
_MOST_NOISE = 4000


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended.

    Attributes:
        code: its exit code; None where it could not be started.
        noise: the beginning of what it wrote to its error output, or why it was not started.
    """

    code: int | None
    noise: str


class RemoteCommand:
    """A running command. Data are passed on as they come, so that memory stays bounded."""

    def __init__(self, socket: ClientWebSocketResponse, cluster: str, pod: str) -> None:
        self._socket = socket
        self._cluster = cluster
        self._pod = pod
        self._noise = b""
        self._status: bytes | None = None

    async def write(self, data: bytes) -> None:
        """Send input; returns when the connection can take more.

        What a command that has ended would have read is dropped: its output tells how it ended.
        """
        await self._send(bytes((STDIN_CHANNEL,)) + data)

    async def end_input(self) -> None:
        """Tell the command that there is no more input."""
        await self._send(bytes((_CLOSE_CHANNEL, STDIN_CHANNEL)))

    async def output(self) -> AsyncIterator[bytes]:
        """What the command writes to its standard output, until it ends.

        Raises:
            ClusterError: the connection broke before the command ended.
        """
        while self._status is None:
            channel, data = await self._receive()
            if channel == STDOUT_CHANNEL and data:
                yield data
            elif channel == STDERR_CHANNEL:
                self._noise = (self._noise + data)[:_MOST_NOISE]
            elif channel == ERROR_CHANNEL:
                self._status = data

    async def read(self) -> bytes:
        """All of the standard output, where it is known to be small."""
        return b"".join([chunk async for chunk in self.output()])

    @property
    def ended(self) -> bool:
        """Whether it has told how it ended."""
        return self._status is not None

    @property
    def outcome(self) -> Outcome:
        """How it ended; to be asked when the output has ended."""
        status = json.loads(self._status or b"{}")
        noise = self._noise.decode(errors="replace").strip()
        if status.get("status") == "Success" or status.get("reason") == "NonZeroExitCode":
            return Outcome(WsApiClient.parse_error_data(self._status), noise)
        return Outcome(None, str(status.get("message") or noise or "no reason given"))

    async def _send(self, frame: bytes) -> None:
        if not self.ended:
            with suppress(ClientConnectionError, OSError):
                await self._socket.send_bytes(frame)

    async def _receive(self) -> tuple[int, bytes]:
        """The next frame. Answers to pings are signs of life, too: a checksum may take minutes in silence."""
        while True:
            try:
                async with asyncio.timeout(_SILENCE_SECONDS):
                    message = await self._socket.receive()
            except TimeoutError as error:
                raise self._cut() from error
            if message.type is WSMsgType.BINARY and message.data:
                return message.data[0], message.data[1:]
            if message.type is WSMsgType.PING:
                await self._socket.pong(message.data)
            elif message.type not in (WSMsgType.PONG, WSMsgType.BINARY):
                raise self._cut()

    def _cut(self) -> ClusterError:
        return unreachable(self._cluster, f"the connection into Pod {self._pod} was cut")


@asynccontextmanager
async def remote_command(
    connection: ClusterConnection, namespace: str, pod: str, container: str, command: Sequence[str]
) -> AsyncIterator[RemoteCommand]:
    """Start a command in a container; leaving the context closes its streams.

    Raises:
        ClusterError: it could not be started.
    """
    path = f"/api/v1/namespaces/{quote(namespace)}/pods/{quote(pod)}/exec"
    streams = [("container", container), ("stdin", "true"), ("stdout", "true"), ("stderr", "true")]
    query = [*(("command", part) for part in command), *streams]
    try:
        socket = await connection.websocket(path, query, PROTOCOL)
    except ClusterError as error:
        raise _refused(error, connection.name, namespace, pod) from error
    pinging = asyncio.create_task(_ping(socket), name=f"ping Pod {pod} on {connection.name}")
    try:
        yield RemoteCommand(socket, connection.name, pod)
    finally:
        pinging.cancel()
        await socket.close()


def _refused(error: ClusterError, cluster: str, namespace: str, pod: str) -> ClusterError:
    """Say what a refusal means: the answer to a WebSocket's request comes without an explanation."""
    if error.status == 403:
        message = (
            f"cluster {cluster} does not allow commands in Pods of namespace {namespace}: "
            "its kubeconfig's user needs the verbs get and create on pods/exec"
        )
    elif error.status == 400:
        message = (
            f"cluster {cluster} refuses to run a command in Pod {pod}: either the Pod has ended, "
            f"or the cluster does not speak {PROTOCOL}, as Kubernetes does since 1.30"
        )
    elif error.not_found:
        message = f"Pod {pod} is not on cluster {cluster} any more"
    else:
        return error
    return ClusterError(error.code, message, temporary=error.not_found, status=error.status)


async def _ping(socket: ClientWebSocketResponse) -> None:
    """Ask for signs of life; a connection that broke meanwhile is noticed by who reads it."""
    with suppress(ClientConnectionError, OSError):
        while not socket.closed:
            await socket.ping()
            await asyncio.sleep(_PING_SECONDS)

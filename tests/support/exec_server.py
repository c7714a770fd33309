"""An API server whose Pods run commands, although there are no containers.

The nodes of a sandbox run nothing, so exec is faked, and only exec: commands come over TLS and a WebSocket in
the protocol of Kubernetes (v5.channel.k8s.io), and are really run, by this machine's shell and tools, with a
folder of their own in place of every mount. What else is asked is answered from documents, or by a real API
server.

Protocol: https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apimachinery/pkg/util/remotecommand
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import yaml
from aiohttp import WSMsgType, web

from krake.embedded.credentials import Credentials, User
from tests.support.waiting import until

Document = dict[str, Any]
Elsewhere = Callable[[str, str], Awaitable[tuple[int, Document]]]

PROTOCOL = "v5.channel.k8s.io"
_STDIN, _STDOUT, _STDERR, _ERROR, _CLOSE = 0, 1, 2, 3, 255
_CHUNK = 32 * 1024


@dataclass
class Faults:
    """What goes wrong.

    Attributes:
        refuse: HTTP status of every exec.
        cut_after: bytes of an archive after which the connection is cut, once.
        flip_at: position in an archive whose byte is changed, once.
        pause: seconds between two chunks of an archive.
        noise: what every command says on its error output.
        started: called with each script before it runs.
    """

    refuse: int = 0
    cut_after: int | None = None
    flip_at: int | None = None
    pause: float = 0.0
    noise: bytes = b""
    started: Callable[[str], None] = lambda script: None


@dataclass
class Node:
    """Everything in place of the containers of one cluster."""

    folder: Path
    tools: str = "/usr/bin:/bin"
    faults: Faults = field(default_factory=Faults)
    documents: dict[str, Document] = field(default_factory=dict)
    elsewhere: Elsewhere | None = None
    processes: list[asyncio.subprocess.Process] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    archived: int = 0

    def mount(self, pod: str, path: str) -> Path:
        """The folder in place of a Pod's mount."""
        folder = self.folder / pod / path.lstrip("/")
        if not folder.exists():
            folder.mkdir(parents=True)
        return folder

    def running(self) -> int:
        """Commands, and programs they started, that have not ended."""
        sessions = {process.pid for process in self.processes}
        return sum(
            item.info["status"] != psutil.STATUS_ZOMBIE and _session(item.pid) in sessions
            for item in psutil.process_iter(["status"])
        )


class _Exec:
    """One command between its process and its WebSocket."""

    def __init__(
        self,
        node: Node,
        request: web.Request,
        socket: web.WebSocketResponse,
        process: asyncio.subprocess.Process,
    ) -> None:
        self._node = node
        self._transport = request.transport
        self._socket = socket
        self._process = process
        self._archive = "tar -cf" in node.scripts[-1]

    async def run(self) -> None:
        """Until the command has ended or the client is gone.

        As bad container runtimes do, it then closes the command's input, and no more: it is not killed, and
        its output is neither read nor closed.
        """
        receiving = asyncio.create_task(self._receive())
        answering = asyncio.create_task(self._answer())
        try:
            await asyncio.wait({receiving, answering}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if self._process.stdin is not None:
                self._process.stdin.close()
            for task in (receiving, answering):
                task.cancel()
            await asyncio.gather(receiving, answering, return_exceptions=True)

    async def _receive(self) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        async for message in self._socket:
            if message.type is not WSMsgType.BINARY:
                continue
            channel, data = message.data[0], message.data[1:]
            if channel == _STDIN and not stdin.is_closing():
                stdin.write(data)
                try:
                    await stdin.drain()
                except (BrokenPipeError, ConnectionResetError):
                    stdin.close()
            elif channel == _CLOSE and data == bytes((_STDIN,)):
                stdin.close()

    async def _answer(self) -> None:
        if self._node.faults.noise:
            await self._socket.send_bytes(bytes((_STDERR,)) + self._node.faults.noise)
        assert self._process.stdout is not None and self._process.stderr is not None
        await asyncio.gather(
            self._pass_on(_STDOUT, self._process.stdout), self._pass_on(_STDERR, self._process.stderr)
        )
        code = await self._process.wait()
        await self._socket.send_bytes(bytes((_ERROR,)) + json.dumps(_status(code)).encode())
        await self._socket.close()

    async def _pass_on(self, channel: int, stream: asyncio.StreamReader) -> None:
        done = 0
        while data := await stream.read(_CHUNK):
            if channel == _STDOUT and self._archive:
                data = await self._spoil(data, done)
                self._node.archived += len(data)
            done += len(data)
            await self._socket.send_bytes(bytes((channel,)) + data)

    async def _spoil(self, data: bytes, done: int) -> bytes:
        faults = self._node.faults
        await asyncio.sleep(faults.pause)
        if faults.cut_after is not None and done >= faults.cut_after:
            faults.cut_after = None
            assert self._transport is not None
            self._transport.abort()
        if faults.flip_at is not None and done <= faults.flip_at < done + len(data):
            changed = bytearray(data)
            changed[faults.flip_at - done] ^= 1
            faults.flip_at = None
            return bytes(changed)
        return data


def _session(pid: int) -> int:
    """The session of a process: every command has one for itself."""
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return -1


def _status(code: int) -> Document:
    if code == 0:
        return {"metadata": {}, "status": "Success"}
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: exit status {code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }


class _Server:
    def __init__(self, node: Node, token: str) -> None:
        self._node = node
        self._token = token

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {self._token}":
            return _refusal(401, "Unauthorized")
        if request.path.endswith("/exec"):
            return await self._exec(request)
        if self._node.elsewhere is not None:
            status, document = await self._node.elsewhere(request.method, request.path_qs)
            return web.json_response(document, status=status)
        if request.path in self._node.documents:
            return web.json_response(self._node.documents[request.path])
        documents = self._node.documents.items()
        inside = [item for path, item in documents if path.rpartition("/")[0] == request.path]
        return web.json_response({"items": inside}) if inside else _refusal(404, "not found")

    async def _exec(self, request: web.Request) -> web.StreamResponse:
        if self._node.faults.refuse:
            return _refusal(self._node.faults.refuse, "refused")
        socket = web.WebSocketResponse(protocols=(PROTOCOL,), max_msg_size=0, compress=False)
        if socket.can_prepare(request).protocol != PROTOCOL:
            return _refusal(400, "unable to upgrade: unknown protocol")
        await socket.prepare(request)
        command = request.query.getall("command")
        self._node.faults.started(command[2])
        process = await self._start(request.path.split("/")[-2], command)
        if process is None:
            message = f'exec: "{command[0]}": executable file not found in $PATH: unknown'
            status = {"status": "Failure", "message": message, "reason": "InternalError"}
            await socket.send_bytes(bytes((_ERROR,)) + json.dumps(status).encode())
            await socket.close()
            return socket
        await _Exec(self._node, request, socket, process).run()
        return socket

    async def _start(self, pod: str, command: list[str]) -> asyncio.subprocess.Process | None:
        """Run it with a folder in place of the mount's path, which is the script's first argument."""
        node = self._node
        node.scripts.append(command[2])
        program = shutil.which(command[0], path=node.tools)
        if program is None:
            return None
        path = node.mount(pod, command[4])
        process = await asyncio.create_subprocess_exec(
            program,
            *command[1:4],
            str(path),
            *command[5:],
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={"PATH": node.tools},
            start_new_session=True,
        )
        node.processes.append(process)
        return process


def _refusal(status: int, message: str) -> web.Response:
    return web.json_response({"kind": "Status", "code": status, "message": message}, status=status)


async def _has_ended(process: asyncio.subprocess.Process) -> bool:
    return process.returncode is not None


@asynccontextmanager
async def exec_server(folder: Path, name: str, node: Node) -> AsyncIterator[Document]:
    """Serve a node's Pods; gives the kubeconfig to reach them."""
    credentials = Credentials(folder / f"{name}-credentials")
    credentials.make()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(credentials.certificate, credentials.key)
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", _Server(node, credentials.token(User.ADMIN)).answer)
    runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        yield dict(yaml.safe_load(credentials.kubeconfig(name, runner.addresses[0][1])))
    finally:
        await runner.cleanup()
        for process in node.processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            # Whose output somebody else still reads is read by nobody else.
            with suppress(RuntimeError):
                await process.communicate()
            await until("it ended", partial(_has_ended, process))

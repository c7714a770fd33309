"""What a user of Krake does: `rok` as a program of its own, in one namespace."""

from __future__ import annotations

import asyncio
import os
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import yaml

from krake.embedded.sandbox import Sandbox
from tests.rok.cli import PROGRAM, Answer, Rok
from tests.support.stack import Krake
from tests.support.waiting import until

Document = dict[str, Any]

PLURALS = {"app": "applications", "cluster": "clusters"}
LIMIT = 90.0
"""Seconds after which a command hangs, where nothing else is said."""


class User:
    """`rok` against a running Krake. Files that it needs are written to a folder.

    Args:
        krake: the stack.
        namespace: to work in.
        folder: for files.
        limit: seconds after which a command hangs.
    """

    def __init__(self, krake: Krake, namespace: str, folder: Path, limit: float = LIMIT) -> None:
        self.krake = krake
        self.namespace = namespace
        self._environment = Rok(krake.url, namespace, ROK_TOKEN_FILE=str(krake.token_file)).environment
        self._folder = folder
        self._limit = limit

    async def __call__(self, *words: str) -> Answer:
        """Run a command as a program of its own."""
        process = await asyncio.create_subprocess_exec(
            *PROGRAM, *words, env={**os.environ, **self._environment}, stdout=PIPE, stderr=PIPE
        )
        try:
            async with asyncio.timeout(self._limit):
                out, err = await process.communicate()
        except TimeoutError:
            process.kill()
            out, err = await process.communicate()
            raise AssertionError(f"rok {' '.join(words)} still runs:\n{err.decode()}") from None
        assert process.returncode is not None
        return Answer(process.returncode, out.decode(), err.decode())

    def file(self, *objects: Document) -> str:
        """A manifest file."""
        path = self._folder / f"{uuid4().hex}.yaml"
        path.write_text(yaml.safe_dump_all(objects))
        return str(path)

    def text_file(self, text: str) -> str:
        """A file with this text."""
        path = self._folder / f"{uuid4().hex}.yaml"
        path.write_text(text)
        return str(path)

    async def register(self, sandbox: Sandbox, *more: str) -> Answer:
        """Register a sandbox with its labels, and wait until it is ONLINE."""
        labels = [word for pair in sandbox.spec.labels.items() for word in ("-l", "=".join(pair))]
        command = ("kube", "cluster", "register", "-k", str(sandbox.kubeconfig), *labels, *more)
        return await self(*command, "--wait", "--timeout", "30s")

    async def create(self, name: str, *objects: Document, more: tuple[str, ...] = ()) -> Answer:
        """Create an application."""
        return await self("kube", "app", "create", "-f", self.file(*objects), name, *more)

    async def update(self, name: str, *objects: Document, more: tuple[str, ...] = ()) -> Answer:
        """Change an application's manifest."""
        return await self("kube", "app", "update", "-f", self.file(*objects), name, *more)

    async def delete(self, name: str, *more: str) -> Answer:
        """Delete an application."""
        return await self("kube", "app", "delete", name, *more)

    async def get(self, name: str, kind: str = "app") -> Document:
        """A resource as `rok` gives it to programs."""
        document: Document = (await self("kube", kind, "get", name, "-o", "json")).ok().json
        return document

    async def seen(self, name: str, kind: str = "app") -> Document:
        """A resource as the API shows it: to ask again and again, a new `rok` each time takes a processor."""
        async with self.krake.http() as http:
            answer = await http.get(self._path(name, kind))
        document: Document = answer.raise_for_status().json()
        return document

    def _path(self, name: str, kind: str) -> str:
        return f"/kubernetes/namespaces/{self.namespace}/{PLURALS[kind]}/{name}"

    async def uid(self, name: str) -> str:
        """The uid of an application."""
        return str((await self.get(name))["metadata"]["uid"])

    async def until_state(
        self, name: str, state: str, *, says: str = "", kind: str = "app", seconds: float = 30
    ) -> Document:
        """Wait until a resource shows a state, and a reason or message that contains some words."""
        seen: Document = {}

        async def shows() -> bool:
            try:
                seen.update((await self.seen(name, kind))["status"])
            except httpx.TransportError:  # the API is being started again
                return False
            words = f"{seen.get('message')} {seen.get('reason')}"
            return seen["state"] == state and says in words

        try:
            await until(f"{kind} {name} is {state} and says {says!r}", shows, seconds)
        except AssertionError as error:
            shown = {key: seen.get(key) for key in ("state", "reason", "message")}
            raise AssertionError(f"{error}; it shows {shown}") from None
        return seen

    async def until_gone(self, name: str, kind: str = "app", seconds: float = 30) -> None:
        """Wait until a resource is not there any more."""

        async def gone() -> bool:
            async with self.krake.http() as http:
                return (await http.get(self._path(name, kind))).status_code == 404

        await until(f"{kind} {name} is gone", gone, seconds)
        assert (await self("kube", kind, "get", name)).code == 3

    async def open_runs(self, name: str = "") -> list[str]:
        """The ids of open workflows of this namespace, or of one resource in it."""
        query = f"ExecutionStatus='Running' AND KrakeNamespace='{self.namespace}'"
        query += f" AND KrakeName='{name}'" if name else ""
        return [run.id async for run in self.krake.client.list_workflows(query)]

    async def until_idle(self, name: str) -> None:
        """Wait until nothing is being done about a resource: visibility in Temporal lags a little."""
        seen: list[str] = []

        async def idle() -> bool:
            seen[:] = await self.open_runs(name)
            return not seen

        try:
            await until(f"no open workflow of {name}", idle, 15)
        except AssertionError as error:
            raise AssertionError(f"{error}; open: {seen}") from None

"""Requests in somebody's name, and short ways to say what roles there are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

import httpx
import orjson
from fastapi import FastAPI
from starlette.types import Message, Scope

MASTERS = "system:masters"
SECONDS = 10.0

Document = dict[str, Any]


def rule(verbs: str, resources: str, namespaces: Sequence[str] = ("*",), api: str = "kubernetes") -> Document:
    """A rule; verbs and resources separated by commas."""
    return {
        "api": api,
        "resources": resources.split(","),
        "namespaces": list(namespaces),
        "verbs": verbs.split(","),
    }


def role(name: str, *rules: Document) -> Document:
    """A role as clients send it."""
    return {"metadata": {"name": name}, "rules": list(rules)}


def binding(
    name: str,
    roles: str,
    users: Sequence[str] = (),
    groups: Sequence[str] = (),
    namespaces: Sequence[str] | None = None,
) -> Document:
    """A role binding as clients send it."""
    return {
        "metadata": {"name": name},
        "roles": roles.split(","),
        "users": list(users),
        "groups": list(groups),
        "namespaces": None if namespaces is None else list(namespaces),
    }


def metric(name: str) -> Document:
    """A resource that is there at once and does nothing."""
    return {
        "metadata": {"name": name},
        "spec": {"min": 0, "max": 1, "provider": {"name": "prom", "metric": name}},
    }


class Guarded:
    """The API for callers who say who they are."""

    def __init__(self, app: FastAPI, client: httpx.AsyncClient) -> None:
        self.app = app
        self._client = client

    async def ask(
        self, user: str, method: str, path: str, json: Any = None, groups: str = "", **query: Any
    ) -> httpx.Response:
        """One request in the name of a user."""
        headers = {"X-User": user, "X-Groups": groups}
        return await self._client.request(method, path, json=json, headers=headers, params=query)

    async def master(self, method: str, path: str, json: Any = None, **query: Any) -> httpx.Response:
        """A request that nothing forbids, and that has to go well."""
        answer = await self.ask("root", method, path, json, MASTERS, **query)
        assert answer.is_success, answer.text
        return answer

    async def grant(self, user: str, *rules: Document, namespaces: Sequence[str] | None = None) -> None:
        """Give a user a role of their own."""
        await self.master("POST", "/core/roles", role(user, *rules))
        await self.bind(user, user, namespaces)

    async def bind(self, user: str, roles: str, namespaces: Sequence[str] | None = None) -> None:
        """Give a user roles that there are."""
        await self.master("POST", "/core/rolebindings", binding(user, roles, [user], namespaces=namespaces))

    @asynccontextmanager
    async def watching(self, user: str, path: str, **query: Any) -> AsyncIterator[Watch]:
        """An open watch of a user."""
        watch = Watch(self.app, user, path, {"watch": "true", **query})
        try:
            yield watch
        finally:
            watch.close()


class Watch:
    """A stream whose pieces arrive exactly as the application sends them."""

    def __init__(self, app: FastAPI, user: str, path: str, query: Document) -> None:
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        scope: Scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "raw_path": path.encode(),
            "query_string": urlencode(query).encode(),
            "headers": [(b"x-user", user.encode())],
            "http_version": "1.1",
            "scheme": "http",
            "server": ("api", 80),
            "client": ("test", 1),
            "root_path": "",
            "asgi": {"version": "3.0"},
        }
        self._task = asyncio.create_task(app(scope, self._receive, self._messages.put))

    async def _receive(self) -> Message:
        if not hasattr(self, "_asked"):
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await asyncio.Event().wait()
        raise AssertionError("never")

    async def status(self) -> int:
        """The status of the answer."""
        message = await asyncio.wait_for(self._messages.get(), SECONDS)
        return int(message["status"])

    async def chunk(self) -> list[tuple[str, str, str]]:
        """The changes that are sent in one go: type, namespace, name; of a last word its status. Nothing at
        the end of the stream."""
        message = await asyncio.wait_for(self._messages.get(), SECONDS)
        events = [orjson.loads(line) for line in message.get("body", b"").splitlines() if line]
        return [(event["type"], *_of_whom(event["object"])) for event in events]

    async def ended(self) -> bool:
        """Whether the stream ends by itself."""
        await asyncio.wait_for(asyncio.shield(self._task), SECONDS)
        return self._task.done()

    def close(self) -> None:
        """Go away."""
        self._task.cancel()


def _of_whom(document: Document) -> tuple[str, str]:
    if "metadata" not in document:
        return "", str(document["status"])
    return document["metadata"]["namespace"], document["metadata"]["name"]

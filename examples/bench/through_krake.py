"""The same work through Krake's API: create, and watch until RUNNING."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiohttp
import orjson

from examples.bench.manifest import application
from examples.bench.waiting import until

NAMESPACE = "bench"
_PATIENCE = 120.0


class ThroughKrake:
    """A client of the API that follows all applications with one watch."""

    def __init__(self, session: aiohttp.ClientSession, api: str) -> None:
        self._session = session
        self._api = api
        self._states: dict[str, str] = {}
        self._news = asyncio.Condition()
        self._watching = asyncio.Event()
        self._watch: asyncio.Task[None] | None = None

    async def start(self, kubeconfig: dict[str, Any]) -> None:
        """Register the cluster, and begin to watch."""
        name = kubeconfig["clusters"][0]["name"]
        body = {
            "api": "kubernetes",
            "kind": "Cluster",
            "metadata": {"name": name},
            "spec": {"kubeconfig": kubeconfig},
        }
        await self._call("POST", f"/kubernetes/namespaces/{NAMESPACE}/clusters", body)
        path = f"/kubernetes/namespaces/{NAMESPACE}/clusters/{name}"

        async def online() -> bool:
            return bool((await self._call("GET", path))["status"]["state"] == "ONLINE")

        await until(online, pause=0.1, patience=_PATIENCE)
        self._watch = asyncio.create_task(self._follow())
        await asyncio.wait_for(self._watching.wait(), _PATIENCE)

    async def deploy(self, name: str) -> float:
        """Seconds from the request until the application is RUNNING."""
        started = time.perf_counter()
        body = application(name, NAMESPACE)
        await self._call("POST", f"/kubernetes/namespaces/{NAMESPACE}/applications", body)
        await self._until(name, "RUNNING")
        return time.perf_counter() - started

    async def remove(self, name: str) -> None:
        """Delete the application and wait until it is gone."""
        await self._call("DELETE", f"/kubernetes/namespaces/{NAMESPACE}/applications/{name}")
        await self._until(name, "DELETED")

    async def close(self) -> None:
        """End the watch."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)

    async def _until(self, name: str, state: str) -> None:
        async with asyncio.timeout(_PATIENCE), self._news:
            await self._news.wait_for(lambda: self._states.get(name) in (state, "FAILED"))
        if self._states[name] != state:
            raise RuntimeError(f"application {name} is {self._states[name]}")

    async def _follow(self) -> None:
        url = f"{self._api}/kubernetes/namespaces/{NAMESPACE}/applications?watch&heartbeat=1"
        async with self._session.get(url, timeout=aiohttp.ClientTimeout(total=None)) as response:
            self._watching.set()
            while line := await response.content.readline():
                if not line.strip():
                    continue
                event = orjson.loads(line)
                name, state = event["object"]["metadata"]["name"], event["object"]["status"]["state"]
                async with self._news:
                    self._states[name] = "DELETED" if event["type"] == "DELETED" else state
                    self._news.notify_all()

    async def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        data = orjson.dumps(body) if body is not None else None
        headers = {"Content-Type": "application/json"}
        async with self._session.request(method, self._api + path, data=data, headers=headers) as response:
            content = await response.read()
            if response.status >= 400:
                raise RuntimeError(f"{method} {path}: {response.status} {content[:300].decode()}")
            document: dict[str, Any] = orjson.loads(content)
            return document

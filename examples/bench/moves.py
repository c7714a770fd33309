"""How long moves take: a migration, and from a cluster's death to the application ready elsewhere.

The servers are this measurement's own, with short intervals, so that an outage does not take minutes; what
they change, detection and tolerance, is shown apart from what Krake itself needs.
"""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import click
import orjson

from examples.bench.manifest import application
from examples.bench.stack import Stack, running
from examples.bench.waiting import until
from krake.embedded import sandboxes
from krake.embedded.control_plane import APISERVER

CLUSTERS = ("bench-one", "bench-two")
NAMESPACE = "bench-moves"
SETTINGS = {
    "KRAKE_OBSERVE_INTERVAL": "1",
    "KRAKE_OFFLINE_AFTER": "3",
    "KRAKE_OFFLINE_TOLERANCE": "5",
    "KRAKE_CLUSTER_TIMEOUT": "2",
}
_PATIENCE = 120.0
_PAUSE = 0.02
_WARM_UP = 3

Document = dict[str, Any]


def measure_moves(folder: Path, migrations: int, failovers: int) -> dict[str, float]:
    """Seconds of migrations and fail-overs, on two clusters made for it."""
    with running(folder, CLUSTERS, SETTINGS) as stack:
        return asyncio.run(_measure(stack, folder, migrations, failovers))


async def _measure(stack: Stack, folder: Path, migrations: int, failovers: int) -> dict[str, float]:
    async with aiohttp.ClientSession(headers=stack.headers) as session:
        moves = Moves(session, stack, folder)
        await moves.start()
        moved = [await moves.migrate() for _ in range(migrations + _WARM_UP)][_WARM_UP:]
        click.echo(f"{migrations} migrations")
        parts = []
        for number in range(failovers):
            parts.append(await moves.fail_over())
            click.echo(f"fail-over {number + 1} of {failovers}: {_words(parts[-1])}")
    figures = {f"failover_{name}_seconds": statistics.median(one[name] for one in parts) for name in parts[0]}
    return {
        "migration_p50_seconds": statistics.median(moved),
        "failover_seconds": figures.pop("failover_total_seconds"),
        **figures,
    }


class Moves:
    """One application that is sent from one cluster to the other and back."""

    def __init__(self, session: aiohttp.ClientSession, stack: Stack, folder: Path) -> None:
        self._session = session
        self._stack = stack
        self._folder = folder
        self._path = f"/kubernetes/namespaces/{NAMESPACE}/applications/traveller"

    async def start(self) -> None:
        """Register the clusters and deploy the application."""
        for name in CLUSTERS:
            spec = {"kubeconfig": self._stack.kubeconfig_of(name)}
            body = {"api": "kubernetes", "kind": "Cluster", "metadata": {"name": name}, "spec": spec}
            await self._call("POST", f"/kubernetes/namespaces/{NAMESPACE}/clusters", body)
            await self._until_cluster(name, "ONLINE")
        path, _, name = self._path.rpartition("/")
        await self._call("POST", path, application(name, NAMESPACE))
        await self._until_on(None)

    async def migrate(self) -> float:
        """Seconds from the request until the application runs on the other cluster alone."""
        before = await self._home()
        began = time.perf_counter()
        await self._call("PUT", f"{self._path}/migration", {})
        await self._until_on(before)
        return time.perf_counter() - began

    async def fail_over(self) -> dict[str, float]:
        """Kill the API server of the application's cluster; seconds of each part until it runs elsewhere."""
        home = await self._home()
        sandbox = sandboxes.get(home, self._folder)
        killed = time.time()
        os.kill(sandbox.pids()[APISERVER], signal.SIGKILL)
        await self._until_on(home)
        events = await self._events(killed)
        cluster = await self._call("GET", f"/kubernetes/namespaces/{NAMESPACE}/clusters/{home}")
        await sandbox.start()
        await self._until_cluster(home, "ONLINE")
        await self._until_collected()
        return _parts(killed, cluster["status"], events)

    async def _home(self) -> str:
        document = await self._call("GET", self._path)
        return str(document["status"]["running_on"]["name"])

    async def _until_on(self, before: str | None) -> None:
        async def moved() -> bool:
            status = (await self._call("GET", self._path))["status"]
            settled = status["state"] == "RUNNING" and not status["migration"] and not status["request"]
            return bool(settled and status["running_on"]["name"] != before)

        await until(moved, pause=_PAUSE, patience=_PATIENCE)

    async def _until_cluster(self, name: str, state: str) -> None:
        async def reached() -> bool:
            path = f"/kubernetes/namespaces/{NAMESPACE}/clusters/{name}"
            return bool((await self._call("GET", path))["status"]["state"] == state)

        await until(reached, pause=0.1, patience=_PATIENCE)

    async def _until_collected(self) -> None:
        async def collected() -> bool:
            return not (await self._call("GET", "/core/orphans"))["items"]

        await until(collected, pause=0.1, patience=_PATIENCE)

    async def _events(self, since: float) -> dict[str, float]:
        """When each kind of event of the application happened since a moment; the newest counts."""
        items = (await self._call("GET", f"{self._path}/events"))["items"]
        moments = ((item["type"], datetime.fromisoformat(item["at"]).timestamp()) for item in items)
        return {kind: at for kind, at in moments if at >= since}

    async def _call(self, method: str, path: str, body: Document | None = None) -> Document:
        data = orjson.dumps(body) if body is not None else None
        headers = {"Content-Type": "application/json"}
        url = self._stack.api + path
        async with self._session.request(method, url, data=data, headers=headers) as response:
            content = await response.read()
            if response.status >= 400:
                raise RuntimeError(f"{method} {path}: {response.status} {content[:300].decode()}")
            document: Document = orjson.loads(content)
            return document


def _parts(killed: float, cluster: Document, events: dict[str, float]) -> dict[str, float]:
    """Detection, tolerance, placement and start, and what of it all is Krake's own work."""
    offline = datetime.fromisoformat(cluster["offline_since"]).timestamp()
    due = datetime.fromisoformat(cluster["evacuates_at"]).timestamp()
    placed, ready = events["Migrating"], events["HandedOver"]
    return {
        "total": ready - killed,
        "detection": offline - killed,
        "tolerance": due - offline,
        "placement": placed - due,
        "start": ready - placed,
        "control": ready - due,
    }


def _words(parts: dict[str, float]) -> str:
    return ", ".join(f"{name} {seconds:.2f} s" for name, seconds in parts.items())

"""A real Prometheus that scrapes a real exporter, both processes of their own."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import yaml

from krake.embedded.binaries import PROMETHEUS, ensure
from krake.embedded.ports import free_port
from krake.embedded.process import ManagedProcess, wait_until
from tests.support.plain_http import plain_http
from tests.support.waiting import until

SCRAPED_EVERY = "250ms"
LIMIT = 30.0


class Exporter:
    """Gauges that tests set."""

    def __init__(self, process: Process, port: int) -> None:
        self._process = process
        self.address = f"127.0.0.1:{port}"

    async def set(self, **values: float) -> None:
        """Give gauges values."""
        for name, value in values.items():
            await self._say(f"{name} {value}")

    async def take_away(self, name: str) -> None:
        """Serve a gauge no more."""
        await self._say(name)

    async def _say(self, words: str) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{words}\n".encode())
        async with asyncio.timeout(LIMIT):
            answer = await self._process.stdout.readline()
        assert answer.decode().strip() == words, "the exporter has ended"


class Prometheus:
    """One server; it can be stopped and started again on the same port."""

    def __init__(self, folder: Path, program: Path, exporter: Exporter) -> None:
        self.exporter = exporter
        self._folder, self._program = folder, program
        self._address = f"127.0.0.1:{free_port('127.0.0.1')}"
        self.url = f"http://{self._address}"
        self._process = ManagedProcess("Prometheus", folder / "prometheus.pid", folder / "prometheus.log")

    async def start(self) -> None:
        """Start it and wait until it answers queries."""
        self._process.start(
            [
                self._program,
                f"--config.file={self._configuration()}",
                f"--storage.tsdb.path={self._folder / 'data'}",
                f"--web.listen-address={self._address}",
                "--log.level=warn",
            ]
        )
        await wait_until("Prometheus was ready", self._ready, [self._process], seconds=LIMIT)

    async def stop(self) -> None:
        """Stop it; what it scraped is kept."""
        await self._process.stop(grace=10)

    async def set(self, **values: float) -> None:
        """Give gauges values, and wait until queries give them."""
        await self.exporter.set(**values)

        async def known() -> bool:
            return {name: await self.value(name) for name in values} == values

        await until(f"Prometheus knows {values}", known, LIMIT)

    async def value(self, name: str) -> float | None:
        """The present value of a metric; None where there is none."""
        async with plain_http() as client:
            answer = await client.get(f"{self.url}/api/v1/query", params={"query": name})
        result = answer.raise_for_status().json()["data"]["result"]
        return float(result[0]["value"][1]) if result else None

    async def _ready(self) -> bool:
        try:
            async with plain_http() as client:
                return (await client.get(f"{self.url}/-/ready")).is_success
        except httpx.HTTPError:
            return False

    def _configuration(self) -> Path:
        path = self._folder / "prometheus.yaml"
        every = {"scrape_interval": SCRAPED_EVERY, "scrape_timeout": SCRAPED_EVERY}
        targets = [{"targets": [self.exporter.address]}]
        jobs = [{"job_name": "exporter", "static_configs": targets}]
        path.write_text(yaml.safe_dump({"global": every, "scrape_configs": jobs}))
        return path


@asynccontextmanager
async def prometheus_server(folder: Path) -> AsyncIterator[Prometheus]:
    """A running Prometheus with its exporter; both are stopped afterwards."""
    program = (await asyncio.to_thread(ensure, [PROMETHEUS]))[PROMETHEUS.name]
    async with _exporter() as exporter:
        server = Prometheus(folder, program, exporter)
        try:
            await server.start()
            yield server
        finally:
            await server.stop()


@asynccontextmanager
async def _exporter() -> AsyncIterator[Exporter]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.exporter", stdin=PIPE, stdout=PIPE
    )
    assert process.stdin
    assert process.stdout
    try:
        async with asyncio.timeout(LIMIT):
            port = int(await process.stdout.readline())
        yield Exporter(process, port)
    finally:
        process.stdin.close()
        await process.wait()

"""The API's figures with many applications: get, create, pages of 10,000 with and without a selector, and how
long 200 watchers wait for a change. Alone: `python -m examples.bench.api`.

Only the API and its SQLite store run: no worker changes what is measured, and the wake-ups reach nobody.
"""

from __future__ import annotations

import asyncio
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import click
import orjson

from examples.bench.manifest import application
from examples.bench.report import RESULTS, report
from krake.embedded.ports import free_port
from krake.keyfile import prepare_keys
from krake.settings import Settings
from krake.store import migrate

NAMESPACE = "bench-many"
_APPLICATIONS = 10_000
_CLIENTS = 8
_PAGE = 100
_GETS = 4000
_PAGES = 300
_WATCHERS = 200
_CHANGES = 60
_START_SECONDS = 120.0
_TIERS = ("gold", "silver", "bronze", "copper")

Act = Callable[[int], Awaitable[None]]


class Bench:
    """Requests to one API. The namespace has no cluster: nothing gets deployed."""

    def __init__(self, session: aiohttp.ClientSession, api: str) -> None:
        self._session = session
        self._collection = f"{api}/kubernetes/namespaces/{NAMESPACE}/applications"

    async def create(self, number: int) -> None:
        """Create the application of this number."""
        document = application(f"app-{number:05}", NAMESPACE)
        document["metadata"]["labels"] = {"tier": _TIERS[number % len(_TIERS)]}
        headers = {"Content-Type": "application/json"}
        async with self._session.post(
            self._collection, data=orjson.dumps(document), headers=headers
        ) as answer:
            await _content(answer, 201)

    async def get(self, number: int) -> None:
        """Get one application."""
        async with self._session.get(f"{self._collection}/app-{number % _APPLICATIONS:05}") as answer:
            await _content(answer, 200)

    async def page(self, number: int, selector: str | None = None) -> None:
        """Get one page out of the middle, of all applications or of those selected."""
        after = f"{NAMESPACE}/app-{number * 37 % (_APPLICATIONS // 2):05}"
        parameters = {"limit": str(_PAGE), "continue": after}
        if selector is not None:
            parameters["label_selector"] = selector
        async with self._session.get(self._collection, params=parameters) as answer:
            found = orjson.loads(await _content(answer, 200))["items"]
        if len(found) != _PAGE:
            raise RuntimeError(f"a page has {len(found)} items instead of {_PAGE}")

    async def selected(self, number: int) -> None:
        """Get one page of a quarter of the applications."""
        await self.page(number, f"tier={_TIERS[number % len(_TIERS)]}")

    async def everything(self, _: int) -> None:
        """Get all applications as one list."""
        async with self._session.get(self._collection) as answer:
            await _content(answer, 200)

    async def watch_delays(self, first: int) -> list[float]:
        """Seconds from a creation until each watcher has heard of it, one creation after the other."""
        watchers = [_Watcher(self._session, self._collection) for _ in range(_WATCHERS)]
        await asyncio.gather(*(watcher.open() for watcher in watchers))
        delays: list[float] = []
        try:
            for number in range(first, first + _CHANGES):
                hearing = [asyncio.ensure_future(watcher.hear()) for watcher in watchers]
                started = time.perf_counter()
                await self.create(number)
                delays += [moment - started for moment in await asyncio.gather(*hearing)]
        finally:
            for watcher in watchers:
                watcher.close()
        return delays


class _Watcher:
    """One open watch stream."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self._response: aiohttp.ClientResponse | None = None

    async def open(self) -> None:
        """Connect; the headers have come when this returns."""
        parameters = {"watch": "true", "heartbeat": "0"}
        self._response = await self._session.get(self._url, params=parameters)
        self._response.raise_for_status()

    async def hear(self) -> float:
        """When the next change has come."""
        if self._response is None:
            raise RuntimeError("the watch is not open")
        await self._response.content.readline()
        return time.perf_counter()

    def close(self) -> None:
        """Go away."""
        if self._response is not None:
            self._response.close()


async def measure(api: str) -> dict[str, float]:
    """All figures of one API, by eight clients."""
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=None, sock_read=60)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout, read_bufsize=2**20) as session:
        bench = Bench(session, api)
        figures = await _figures("api_create_10000", bench.create, _APPLICATIONS)
        figures |= await _figures("api_get_of_10000", bench.get, _GETS)
        figures |= await _figures("api_list_10000_page", bench.page, _PAGES)
        figures |= await _figures("api_list_10000_selected", bench.selected, _PAGES)
        figures |= await _figures("api_list_10000_whole", bench.everything, 5, clients=1)
        click.echo(f"{_WATCHERS} watchers")
        delays = await bench.watch_delays(_APPLICATIONS)
    return {
        **figures,
        "watch_200_p50_ms": statistics.median(delays) * 1000,
        "watch_200_p99_ms": _p99(delays) * 1000,
        "watch_200_events_per_second": len(delays) / _total(delays),
    }


def _total(delays: list[float]) -> float:
    """Seconds that all changes took until the last watcher had heard of them."""
    rounds = [delays[at : at + _WATCHERS] for at in range(0, len(delays), _WATCHERS)]
    return sum(map(max, rounds))


async def _content(answer: aiohttp.ClientResponse, wanted: int) -> bytes:
    content = await answer.read()
    if answer.status != wanted:
        raise RuntimeError(f"{answer.url}: {answer.status} {content[:300].decode()}")
    return content


async def _figures(title: str, act: Act, count: int, clients: int = _CLIENTS) -> dict[str, float]:
    """How often a second, and the 99th percentile of one."""
    click.echo(title)
    numbers, seconds = iter(range(count)), []

    async def client() -> None:
        for number in numbers:
            began = time.perf_counter()
            await act(number)
            seconds.append(time.perf_counter() - began)

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    rate = count / (time.perf_counter() - started)
    return {f"{title}_per_second": rate, f"{title}_p99_ms": _p99(seconds) * 1000}


def _p99(seconds: list[float]) -> float:
    ordered = sorted(seconds)
    return ordered[min(len(ordered) * 99 // 100, len(ordered) - 1)]


@contextmanager
def _only_the_api(folder: Path) -> Iterator[str]:
    """An API process on an empty store in the folder; gives its URL."""
    settings = Settings(state_dir=folder)
    prepare_keys(settings)
    migrate.upgrade(settings.store_url)
    port = free_port("127.0.0.1")
    environment = {
        **os.environ,
        "KRAKE_STATE_DIR": str(folder),
        "KRAKE_API_PORT": str(port),
        "KRAKE_TEMPORAL_ADDRESS": "127.0.0.1:1",
        "KRAKE_LOG_LEVEL": "ERROR",
        "KRAKE_AUTHENTICATION": "static",
    }
    process = subprocess.Popen([sys.executable, "-m", "api"], env=environment)
    try:
        _wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return when the API listens.

    Raises:
        RuntimeError: it has ended, or does not answer in time.
    """
    end = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the API does not start")


def measure_api(folder: Path) -> dict[str, float]:
    """All figures, on an API of their own with its state in the folder."""
    with _only_the_api(folder) as url:
        return asyncio.run(measure(url))


@click.command()
@click.option("--url", default=None, help="An API that runs already; else one is started for it.")
def main(url: str | None) -> None:
    """Measure the API alone; figures are added to build/bench.json."""
    if url is not None:
        report(asyncio.run(measure(url)), RESULTS)
        return
    with tempfile.TemporaryDirectory(prefix="krake-bench-") as folder:
        report(measure_api(Path(folder)), RESULTS)


if __name__ == "__main__":
    main()

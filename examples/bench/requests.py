"""How many requests a second the API answers: get, create, list of 1,000."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import aiohttp
import orjson

from examples.bench.manifest import application

NAMESPACE = "bench-api"
_CLIENTS = 8
_APPLICATIONS = 1000
_GETS = 4000
_LISTS = 60


async def measure_requests(session: aiohttp.ClientSession, api: str) -> dict[str, float]:
    """Requests a second, by eight clients. The namespace has no cluster: nothing gets deployed."""
    collection = f"{api}/kubernetes/namespaces/{NAMESPACE}/applications"

    async def create(number: int) -> None:
        body = orjson.dumps(application(f"app-{number}", NAMESPACE))
        async with session.post(
            collection, data=body, headers={"Content-Type": "application/json"}
        ) as response:
            await _check(response, 201)

    async def get(number: int) -> None:
        async with session.get(f"{collection}/app-{number % _APPLICATIONS}") as response:
            await _check(response, 200)

    async def list_all(_: int) -> None:
        async with session.get(collection) as response:
            await _check(response, 200)

    return {
        "api_create_per_second": await _rate(create, _APPLICATIONS),
        "api_get_per_second": await _rate(get, _GETS),
        "api_list_1000_per_second": await _rate(list_all, _LISTS),
    }


async def _check(response: aiohttp.ClientResponse, wanted: int) -> None:
    content = await response.read()
    if response.status != wanted:
        raise RuntimeError(f"{response.url}: {response.status} {content[:300].decode()}")


async def _rate(request: Callable[[int], Awaitable[None]], count: int) -> float:
    numbers = iter(range(count))

    async def client() -> None:
        for number in numbers:
            await request(number)

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(_CLIENTS)))
    return count / (time.perf_counter() - started)

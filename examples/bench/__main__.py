"""`make bench`: all figures of a run come from the same servers, so that ratios hold on noisy machines."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import click

from examples.bench.api import measure_api
from examples.bench.floor import Floor
from examples.bench.moves import measure_moves
from examples.bench.report import RESULTS, report
from examples.bench.requests import measure_requests
from examples.bench.scheduler import measure_scheduler
from examples.bench.stack import CLUSTER, Stack, running
from examples.bench.through_krake import ThroughKrake

_WARM_UP = 5
_FAIL_OVERS = 3

Deploy = Callable[[str], Awaitable[float]]
Remove = Callable[[str], Awaitable[None]]


@click.command()
@click.option("--rounds", default=30, show_default=True, help="Applications deployed one at a time.")
@click.option("--batch", default=50, show_default=True, help="Applications deployed at once.")
@click.option("--api/--no-api", default=True, help="Whether to measure the API's requests as well.")
@click.option("--moves/--no-moves", default=True, help="Whether to measure moves as well.")
@click.option("--scheduler/--no-scheduler", default=True, help="Whether to measure the scheduler as well.")
def main(rounds: int, batch: int, api: bool, moves: bool, scheduler: bool) -> None:
    """Measure Krake against the Kubernetes client on the same cluster, in one run."""
    with tempfile.TemporaryDirectory(prefix="krake-bench-") as folder, running(Path(folder)) as stack:
        figures = asyncio.run(_measure(stack, Path(folder), rounds, batch, api))
    if api:
        with tempfile.TemporaryDirectory(prefix="krake-bench-") as folder:
            figures |= measure_api(Path(folder))
    if moves:
        with tempfile.TemporaryDirectory(prefix="krake-bench-") as folder:
            figures |= measure_moves(Path(folder), rounds, _FAIL_OVERS)
    if scheduler:
        # After the servers are gone: it needs none, and both cores.
        click.echo("scheduler")
        figures |= measure_scheduler()
    report(figures, RESULTS)


async def _measure(stack: Stack, folder: Path, rounds: int, batch: int, api: bool) -> dict[str, float]:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, headers=stack.headers) as session:
        floor = await Floor.connect(stack.kubeconfig, folder / "discovery.json")
        krake = ThroughKrake(session, stack.api)
        try:
            await krake.start(stack.kubeconfig_of(CLUSTER))
            figures = await _one_at_a_time(floor, krake, rounds)
            figures |= await _all_at_once(floor, krake, batch)
        finally:
            await krake.close()
            await floor.close()
        if api:
            click.echo("API requests")
            figures |= await measure_requests(session, stack.api)
    return figures


async def _one_at_a_time(floor: Floor, krake: ThroughKrake, rounds: int) -> dict[str, float]:
    """Floor and Krake take turns, so that both see the same machine."""
    direct, through = [], []
    for number in range(rounds + _WARM_UP):
        direct.append(await _timed(floor.deploy, floor.remove, f"floor-{number}"))
        through.append(await _timed(krake.deploy, krake.remove, f"krake-{number}"))
        if number % 10 == _WARM_UP:
            click.echo(f"one at a time: {number - _WARM_UP} of {rounds}")
    direct, through = direct[_WARM_UP:], through[_WARM_UP:]
    floor_p50, deploy_p50 = statistics.median(direct), statistics.median(through)
    return {
        "floor_p50_seconds": floor_p50,
        "floor_p95_seconds": statistics.quantiles(direct, n=20)[-1],
        "deploy_p50_seconds": deploy_p50,
        "deploy_p95_seconds": statistics.quantiles(through, n=20)[-1],
        "deploy_ratio": deploy_p50 / floor_p50,
    }


async def _timed(deploy: Deploy, remove: Remove, name: str) -> float:
    seconds = await deploy(name)
    await remove(name)
    return seconds


async def _all_at_once(floor: Floor, krake: ThroughKrake, batch: int) -> dict[str, float]:
    click.echo(f"{batch} at once")
    direct = await _rate(floor.deploy, floor.remove, "floor-batch", batch)
    through = await _rate(krake.deploy, krake.remove, "krake-batch", batch)
    return {
        "floor_batch_per_second": direct,
        "batch_per_second": through,
        "batch_ratio": through / direct,
    }


async def _rate(deploy: Deploy, remove: Remove, prefix: str, batch: int) -> float:
    names = [f"{prefix}-{number}" for number in range(batch)]
    started = time.perf_counter()
    await asyncio.gather(*(deploy(name) for name in names))
    rate = batch / (time.perf_counter() - started)
    await asyncio.gather(*(remove(name) for name in names))
    return rate


if __name__ == "__main__":
    main()

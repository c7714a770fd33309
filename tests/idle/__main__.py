"""`make idle`: many running applications, watched for some minutes in which nothing should happen."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import Counter
from pathlib import Path

import click

from krake.leaving import leave
from tests.idle.applications import deploy
from tests.idle.counts import SCHEDULED, Counts, count
from tests.support.servers import kubernetes_client, sandbox_cluster
from tests.support.stack import running_krake

NAMESPACE = "idle"
SETTINGS = {"KRAKE_OBSERVE_INTERVAL": "10", "KRAKE_SWEEP_INTERVAL": "30"}
"""The defaults of `krake up` in place of the quick ones of the tests."""


@click.command()
@click.option("--applications", default=200, show_default=True, type=click.IntRange(min=1))
@click.option("--seconds", default=300, show_default=True, type=click.IntRange(min=1))
def main(applications: int, seconds: int) -> None:
    """Deploys applications, then counts requests to the cluster and events in Temporal."""
    with tempfile.TemporaryDirectory(prefix="krake-idle-") as folder:
        counted = asyncio.run(_measure(Path(folder), applications, seconds))
    leave(0 if report(counted, applications, seconds) else 1)


async def _measure(folder: Path, applications: int, seconds: int) -> Counts:
    async with (
        sandbox_cluster(folder, "idle", nodes=2) as sandbox,
        running_krake(folder / "krake", SETTINGS) as krake,
        kubernetes_client(sandbox) as cluster,
    ):
        began = time.monotonic()
        await deploy(krake, sandbox, NAMESPACE, applications)
        click.echo(f"{applications} applications RUNNING after {time.monotonic() - began:.0f} s")
        before = await count([cluster], krake.client)
        click.echo(f"counting for {seconds} s")
        # Not a wait for something: the window in which nothing may happen.
        await asyncio.sleep(seconds)
        return (await count([cluster], krake.client)).since(before)


def report(counted: Counts, applications: int, seconds: int) -> bool:
    """Print what was counted; returns whether the applications cost nothing."""
    scheduled = {name: number for name, number in counted.runs.items() if name in SCHEDULED}
    others = Counter({name: number for name, number in counted.runs.items() if name not in SCHEDULED})
    click.echo(f"\n{applications} applications, {seconds} s:")
    for title, counter in (
        ("requests for their objects", counted.requests),
        ("workflow runs", others),
        ("events in open workflows", counted.events),
    ):
        shown = ", ".join(f"{number} {name}" for name, number in sorted(counter.items()))
        click.echo(f"  {title:<28} {sum(counter.values())}" + (f" ({shown})" if shown else ""))
    click.echo(f"  {'of schedules, for all of Krake':<28} {sum(scheduled.values())}")
    return not (counted.requests or others or counted.events)


if __name__ == "__main__":
    main()

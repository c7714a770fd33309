"""`make chaos`: random operations under random kills. The last line counts the operations that held."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from pathlib import Path

import click

from krake.leaving import leave
from tests.chaos.run import Outcome, run


@click.command()
@click.option("--seed", default=1, show_default=True, help="Chooses operations and kills.")
@click.option("--operations", default=200, show_default=True, type=click.IntRange(min=1))
@click.option("--keep", is_flag=True, help="Keep the logs and databases, and say where they are.")
def main(seed: int, operations: int, keep: bool) -> None:
    """Creates, updates, migrations, drains and deletes over three clusters, while processes are killed."""
    began = time.monotonic()

    def say(text: str) -> None:
        click.echo(f"{time.monotonic() - began:7.1f} s  {text}")

    folder = Path(tempfile.mkdtemp(prefix="krake-chaos-"))
    try:
        outcome = asyncio.run(run(folder, seed, operations, say))
    finally:
        if keep:
            click.echo(f"state and logs: {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    report(outcome, seed)
    leave(1 if outcome.failed else 0)


def report(outcome: Outcome, seed: int) -> None:
    """Say what was done and killed, how often, and what came of it."""
    click.echo()
    for title, counts in (("operations", outcome.operations), ("kill -9", outcome.kills)):
        shown = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))
        click.echo(f"{title}: {sum(counts.values())} ({shown})")
    for name, trouble in sorted(outcome.wrong.items()):
        click.echo(f"WRONG {name}: {trouble}")
    click.echo(f"seed {seed}, {outcome.seconds:.0f} s")
    click.echo(f"{outcome.passed} passed, {outcome.failed} failed")


if __name__ == "__main__":
    main()

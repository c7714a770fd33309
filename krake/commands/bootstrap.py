"""`krake bootstrap`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from krake.settings import Settings


@click.command()
@click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    help="Seconds to wait for Temporal.",
)
def bootstrap(timeout: float) -> None:
    """Prepare an installation on several machines, before its API servers and workers start.

    Migrates the store, makes the key file where keys come from one, waits for Temporal, and registers
    Krake's namespace and search attributes there. Repeating it changes nothing.
    (`krake up` needs none of it.)

    \b
      KRAKE_DATABASE_URL=postgresql+asyncpg://krake:…@db/krake \\
      KRAKE_TEMPORAL_ADDRESS=temporal:7233 krake bootstrap
    """
    from krake.keyfile import prepare_keys
    from krake.settings import load_settings
    from krake.store.migrate import upgrade

    settings = load_settings()
    _step("secret keys", prepare_keys(settings))
    _step("store", f"version {upgrade(settings.store_url)}")
    asyncio.run(_prepare_temporal(settings, timeout))
    click.echo("Ready: start `krake api` and `krake worker`.")


async def _prepare_temporal(settings: Settings, patience: float) -> None:
    from krake import prepare

    client = await prepare.reach_temporal(settings, patience)
    _step("Temporal", f"reached at {settings.temporal_address}")
    _step("namespace", await prepare.ensure_namespace(client, settings.temporal_namespace))
    found = await prepare.ensure_search_attributes(client, settings.temporal_namespace, patience)
    _step("search attributes", found)


def _step(name: str, result: str) -> None:
    click.echo(f"{name:<18} {result}")

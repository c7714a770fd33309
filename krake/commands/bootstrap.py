"""`krake bootstrap`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from krake.bootstrap import Done, Wanted
    from krake.settings import Settings


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option("-f", "--force", is_flag=True, help="Replace what is there already.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    help="Seconds to wait for Temporal.",
)
def bootstrap(files: tuple[str, ...], force: bool, timeout: float) -> None:
    """Prepare an installation before its first start, or load its first resources from files.

    Without files: migrates the store, makes the key file where keys come from one, waits for Temporal, and
    registers Krake's namespace and search attributes there. Repeating it changes nothing.
    (`krake up` needs none of it.)

    \b
      KRAKE_DATABASE_URL=postgresql+asyncpg://krake:…@db/krake \\
      KRAKE_TEMPORAL_ADDRESS=temporal:7233 krake bootstrap

    With files of YAML documents: prepares keys and store, and stores all their resources, or none when any
    of them cannot be. They may be what no workflow acts on: roles, metrics, providers and the like. Temporal
    is not needed, and Krake may run meanwhile. `-` is the standard input.

    \b
      krake bootstrap roles.yaml metrics.yaml
      krake bootstrap --force metrics.yaml
    """
    from krake.settings import load_settings

    if force and not files:
        raise click.UsageError("--force replaces what FILEs hold: name at least one")
    settings = load_settings()
    if files:
        _load(settings, files, force)
        return
    _prepare_store(settings)
    asyncio.run(_prepare_temporal(settings, timeout))
    click.echo("Ready: start `krake api` and `krake worker`.")


def _load(settings: Settings, files: tuple[str, ...], force: bool) -> None:
    from krake.bootstrap import read

    # Read first: files that cannot be loaded leave everything as it is.
    wanted = read(files)
    _prepare_store(settings)
    for one in asyncio.run(_store(settings, wanted, force)):
        kind, namespace, name = one.wanted.address
        click.echo(f"{one.outcome:<18} {kind} {f'{namespace}/' if namespace else ''}{name}")


async def _store(settings: Settings, wanted: list[Wanted], force: bool) -> list[Done]:
    from krake.bootstrap import load
    from krake.store.opening import open_store

    async with open_store(settings) as store:
        return await load(store, wanted, force=force)


def _prepare_store(settings: Settings) -> None:
    from krake.keyfile import prepare_keys
    from krake.store.migrate import upgrade

    if not settings.database_url:
        settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    _step("secret keys", prepare_keys(settings))
    _step("store", f"version {upgrade(settings.store_url)}")


async def _prepare_temporal(settings: Settings, patience: float) -> None:
    from krake import prepare

    client = await prepare.reach_temporal(settings, patience)
    _step("Temporal", f"reached at {settings.temporal_address}")
    _step("namespace", await prepare.ensure_namespace(client, settings.temporal_namespace))
    found = await prepare.ensure_search_attributes(client, settings.temporal_namespace, patience)
    _step("search attributes", found)


def _step(name: str, result: str) -> None:
    click.echo(f"{name:<18} {result}")

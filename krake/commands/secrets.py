"""`krake secrets`: the keys that encrypt secrets at rest, and their rotation."""

from __future__ import annotations

import asyncio

import click


@click.group()
def secrets() -> None:
    """Look after the keys that encrypt kubeconfigs, passwords and tokens, and what Temporal keeps.

    \b
      krake secrets keys               which keys there are, and what needs them
      krake secrets rotate             a new key; everything stored is encrypted anew
      krake secrets drop KEY           forget a former key that nothing needs

    All of it works while Krake runs: its processes follow the key file.
    """


@secrets.command()
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", help="Format.")
def keys(output: str) -> None:
    """Show the keys by their ids: since when, what for, and how many stored secrets need each."""
    import json

    from krake.rotation import Rotation, key_rows
    from krake.settings import load_settings

    rows = asyncio.run(Rotation(load_settings()).keys())
    if output == "json":
        click.echo(json.dumps([row.document() for row in rows], indent=2))
        return
    for line in key_rows(rows):
        click.echo(line)


@secrets.command()
@click.option(
    "--batch",
    type=click.IntRange(1, 10_000),
    default=100,
    show_default=True,
    help="Secrets a transaction.",
)
def rotate(batch: int) -> None:
    """Make a new key, and encrypt all stored secrets anew with it.

    A rotation that was interrupted is brought to its end first, without another new key. Where the keys come
    from KRAKE_SECRET_KEYS, put the new one in front there, restart, and run this: it only encrypts anew.
    """
    from krake.rotation import Rotation
    from krake.settings import load_settings

    asyncio.run(Rotation(load_settings()).rotate(click.echo, batch))


@secrets.command()
@click.argument("key")
@click.option(
    "--force", is_flag=True, help="Even where Temporal holds histories that become unreadable without it."
)
def drop(key: str, force: bool) -> None:
    """Forget the former key with the id KEY.

    Refused while a stored secret needs it, or a run that began before it was replaced is still at work.
    """
    from krake.rotation import Rotation
    from krake.settings import load_settings

    asyncio.run(Rotation(load_settings()).drop(key, force=force))
    click.echo(f"Key {key} is gone.")

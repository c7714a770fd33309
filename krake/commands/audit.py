"""`krake audit`."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from krake.settings import Settings


@click.group()
def audit() -> None:
    """Look after the record of who did what. (`rok core audit` shows it.)"""


@audit.command()
@click.option("--days", type=click.IntRange(1), required=True, help="Days to keep.")
def prune(days: int) -> None:
    """Delete what is older than some days; that this was done is recorded.

    \b
      krake audit prune --days 365
    """
    from krake.settings import load_settings

    before = datetime.now(UTC) - timedelta(days=days)
    deleted = asyncio.run(_prune(load_settings(), before))
    click.echo(f"{deleted} entries from before {before:%Y-%m-%d %H:%M} UTC deleted")


async def _prune(settings: Settings, before: datetime) -> int:
    from krake.operator import operator
    from krake.store.audit import command_entry
    from krake.store.opening import open_store

    entry = command_entry(operator(), "delete", "Audit", f"before {before:%Y-%m-%dT%H:%M:%SZ}")
    async with open_store(settings) as store:
        return await store.audit.prune(before, entry)

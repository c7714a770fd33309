"""`krake token`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from krake.commands.durations import Duration
from krake.commands.options import state_dir_option

if TYPE_CHECKING:
    from krake.store.tokens import Tokens
    from krake.tokens import Token

T = TypeVar("T")


@click.group()
def token() -> None:
    """Give out the tokens by which users and programs authenticate, and take them back.

    They work on the store itself (setting database_url), so that only its operator can use them.

    \b
      krake token create alice --user alice --group developers --expires 90d
      krake token create edge-1 --service-account factory/edge-1
      krake token list
      krake token revoke alice
    """


@token.command()
@state_dir_option
@click.argument("name")
@click.option("--user", help="Whom the token stands for. [default: NAME]")
@click.option("--group", "groups", multiple=True, help="Group of that user; may be repeated.")
@click.option(
    "--service-account",
    metavar="NAMESPACE/NAME",
    help="Stand for this program instead of for a person, such as a worker at the edge.",
)
@click.option("--expires", type=Duration(), metavar="DURATION", help="How long it is good for: 12h, 90d.")
def create(
    state_dir: Path | None,
    name: str,
    user: str | None,
    groups: tuple[str, ...],
    service_account: str | None,
    expires: timedelta | None,
) -> None:
    """Make the token NAME and print its secret to standard output: once, it is not kept.

    \b
      krake token create ci --user ci --group deployers --expires 365d > ci.token
      krake token create root --user system:admin --group system:masters
    """
    from krake.identities import ServiceAccount
    from krake.tokens import issue

    if service_account:
        if user:
            raise click.UsageError("--user and --service-account exclude each other")
        user = ServiceAccount.parse(service_account).user
    secret, made = issue(name, user or name, groups, expires)
    _with_tokens(state_dir, lambda tokens: tokens.add(made))
    until = f"until {_moment(made.expires)}" if made.expires else "without an end"
    belongs = f" ({', '.join(made.member_of)})" if made.member_of else ""
    click.echo(f"Token '{name}' stands for {made.username}{belongs}, {until}. Its secret, once:", err=True)
    click.echo(secret)


@token.command("list")
@state_dir_option
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table", help="Format.")
def list_(state_dir: Path | None, output: str) -> None:
    """Show all tokens, by the last characters of their secrets."""
    found = _with_tokens(state_dir, lambda tokens: tokens.all())
    if output == "json":
        click.echo(json.dumps([_document(one) for one in found], indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for title in ("name", "user", "groups", "secret", "created", "expires"):
        table.add_column(title, overflow="fold")
    for one in found:
        ends = _moment(one.expires) if one.expires else "never"
        table.add_row(
            one.name,
            one.username,
            ", ".join(one.member_of),
            f"…{one.last_part}",
            _moment(one.created),
            f"{ends} (over)" if one.expired() else ends,
        )
    Console().print(table)


@token.command()
@state_dir_option
@click.argument("name")
def revoke(state_dir: Path | None, name: str) -> None:
    """Take the token NAME back: from now on it is refused by every API server."""
    _with_tokens(state_dir, lambda tokens: tokens.remove(name))
    click.echo(f"Token '{name}' is revoked.")


def _with_tokens(state_dir: Path | None, work: Callable[[Tokens], Awaitable[T]]) -> T:
    """Do something with the tokens in the store of the settings."""
    from krake.settings import load_settings
    from krake.store.engine import open_database
    from krake.store.migrate import check
    from krake.store.tokens import Tokens

    url = load_settings(state_dir=state_dir).store_url
    check(url)

    async def run() -> T:
        database = open_database(url)
        try:
            return await work(Tokens(database))
        finally:
            await database.close()

    return asyncio.run(run())


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def _document(token: Token) -> dict[str, object]:
    """A token for programs; there is nothing secret in it."""
    return {
        "name": token.name,
        "user": token.username,
        "groups": list(token.member_of),
        "last_part": token.last_part,
        "created": token.created.isoformat(),
        "expires": token.expires.isoformat() if token.expires else None,
        "expired": token.expired(),
    }

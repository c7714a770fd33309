"""`rok login`, `rok logout` and `rok whoami`."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from rok.helping import Command
from rok.session import Session, config_option, output_option, pass_session

if TYPE_CHECKING:
    from rok.logins import Login

SCOPE = "openid"


@click.command(
    cls=Command,
    examples=(
        "rok login                                       # asks for a token, or reads it",
        "rok login --issuer https://id.example.org/realms/krake --client-id rok",
    ),
)
@config_option
@click.option("--issuer", metavar="URL", help="Log in at this OpenID Connect issuer, in a browser.")
@click.option("--client-id", metavar="ID", help="What rok is called there.")
@click.option("--scope", default=SCOPE, show_default=True, help="What is asked for there.")
@pass_session
def login(session: Session, /, issuer: str | None, client_id: str | None, scope: str) -> None:
    """Keep a token for the API, after trying it.

    Without an issuer the token is typed (it is not shown), or comes from standard input. It is kept in a file
    that only you can read, for this API only; a login at an issuer is renewed as long as the issuer lets it.
    """
    from rok.client import Client
    from rok.logins import Logins

    if bool(issuer) != bool(client_id):
        raise click.UsageError("--issuer and --client-id belong together")
    made = _by_device(issuer, client_id, scope) if issuer and client_id else _by_hand()
    me = Client(replace(session.config, token=made.token)).get("/me")
    Logins(os.environ).keep(session.config, made)
    click.echo(f"Logged in to {session.config.api_url} as {me['user']}.")
    if session.access.source != "rok login":
        click.echo(f"Note that the token from {session.access.source} comes first.", err=True)


@click.command(cls=Command, examples=("rok logout",))
@config_option
@pass_session
def logout(session: Session, /) -> None:
    """Forget the token that `rok login` keeps for the API."""
    from rok.logins import Logins

    found = Logins(os.environ).forget(session.config)
    address = session.config.api_url
    click.echo(f"Logged out of {address}." if found else f"There was no login for {address}.")


@click.command(cls=Command, examples=("rok whoami", "rok whoami -o json"))
@config_option
@output_option
@pass_session
def whoami(session: Session, /) -> None:
    """Show whom the API takes you for, your groups and roles, and where your token comes from."""
    from rok.formats import NONE, lines
    from rok.output import as_text
    from rok.tables import vertical

    me = session.connect().get("/me")
    shown: dict[str, Any] = {
        **me,
        "api_url": session.config.api_url,
        "token_source": session.access.source or None,
    }
    if not session.for_people:
        click.echo(as_text(shown, session.output))
        return
    rows = [
        ("user", str(me["user"])),
        ("groups", lines(me.get("groups"))),
        ("roles", lines(me.get("roles"))),
        ("API", session.config.api_url),
        ("token from", session.access.source or NONE),
    ]
    click.echo(vertical(rows))


def _by_hand() -> Login:
    """The token that is typed or handed in."""
    from rok.logins import Login
    from rok.tokens import checked_token

    text = click.prompt("Token", hide_input=True, err=True) if sys.stdin.isatty() else sys.stdin.read()
    return Login(checked_token(str(text), "what was handed in"))


def _by_device(issuer: str, client_id: str, scope: str) -> Login:
    """The token of an issuer, while the user confirms in a browser."""
    from rok.device import log_in

    def show(address: str, code: str) -> None:
        click.echo(f"Open {address} in a browser and confirm the code {code}", err=True)

    return log_in(issuer, client_id, scope, show)

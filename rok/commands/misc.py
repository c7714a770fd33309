"""`rok version` and `rok config`."""

from __future__ import annotations

from typing import Any

import click

from rok.helping import Command, Group
from rok.session import Session, ca_file_option, config_option, output_option, pass_session


@click.command(
    cls=Command,
    examples=(
        "rok version",
        "rok version -o json",
    ),
)
@ca_file_option
@config_option
@output_option
@pass_session
def version(session: Session, /) -> None:
    """Show the versions of this client and of the server that it talks to."""
    from importlib.metadata import version as installed

    from rok.errors import RokError, show_error
    from rok.output import as_text

    found: dict[str, Any] = {"client": installed("krake"), "server": None, "api_url": session.config.api_url}
    failure: RokError | None = None
    try:
        client = session.connect()
        found["server"] = client.get("/").get("version")
    except RokError as error:
        failure = error
    if session.for_people:
        click.echo(f"Client: {found['client']}")
        click.echo(f"Server: {found['server'] or 'unknown'} ({found['api_url']})")
    else:
        click.echo(as_text(found, session.output))
    if failure:
        show_error(failure)
        raise click.exceptions.Exit(failure.code)


@click.group(cls=Group, examples=("rok config view",))
def config() -> None:
    """The configuration that `rok` uses."""


@config.command(
    examples=(
        "rok config view",
        "rok config view --config ./rok.yaml -o json",
    )
)
@config_option
@output_option
@pass_session
def view(session: Session, /) -> None:
    """Show the configuration in effect and the file that it comes from; a token is masked."""
    from dataclasses import asdict

    from rok.output import as_text

    found = session.config
    shown = {
        "source": found.source,
        "api_url": found.api_url,
        "user": found.user,
        "namespace": found.default_namespace,
        "context": found.context or None,
        "token": "********" if session.access.token else None,
        "token_source": session.access.source or None,
        "tls": asdict(found.tls),
        "insecure": found.insecure or None,
    }
    if not session.for_people:
        click.echo(as_text(shown, session.output))
        return
    from rok.formats import NONE
    from rok.tables import vertical

    tls = "\n".join(f"{key}: {value}" for key, value in asdict(found.tls).items() if value not in (None, ""))
    rows = [(key, str(value or NONE)) for key, value in {**shown, "tls": tls}.items()]
    click.echo(vertical(rows))

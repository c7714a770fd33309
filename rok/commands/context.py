"""`rok config get-contexts`, `use-context` and `set-context`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from rok.helping import Command
from rok.session import Session, config_option, output_option, pass_session

if TYPE_CHECKING:
    from rok.config_file import ConfigFile


@click.command("get-contexts", cls=Command, examples=("rok config get-contexts",))
@config_option
@output_option
@pass_session
def get_contexts(session: Session, /) -> None:
    """List the contexts of the configuration file; `*` marks the current one."""
    from rok.output import show_rows

    file = _file(session)
    items = [
        {
            "name": name,
            "current": name == file.current,
            "api_url": context.get("api_url"),
            "user": context.get("user"),
            "namespace": context.get("namespace"),
        }
        for name, context in file.contexts.items()
    ]
    rows = [
        (
            "*" if item["current"] else "",
            *(str(item[key] or "") for key in ("name", "api_url", "user", "namespace")),
        )
        for item in items
    ]
    listing = {"source": str(file.path), "items": items}
    show_rows(session, ("current", "name", "api_url", "user", "namespace"), rows, listing)


@click.command("use-context", cls=Command, examples=("rok config use-context production",))
@config_option
@click.argument("name")
@pass_session
def use_context(session: Session, /, name: str) -> None:
    """Make NAME the current context."""
    from rok.errors import ExitCode, RokError

    file = _file(session)
    if name not in file.contexts:
        raise RokError(
            f"There is no context '{name}' in {file.path}",
            code=ExitCode.NOT_FOUND,
            fix=f"Make it: rok config set-context {name} --api-url URL",
        )
    file.use_context(name)
    file.save()
    click.echo(f"The current context is '{name}'.")


@click.command(
    "set-context",
    cls=Command,
    examples=(
        "rok config set-context production --api-url https://krake.example.org --user alice",
        "rok config set-context production --token-file ~/.secrets/krake.token",
        "rok config set-context edge --client-ca ca.pem --client-cert me.pem --client-key me-key.pem",
    ),
)
@config_option
@click.argument("name")
@click.option("--api-url", metavar="URL", help="Where the API is.")
@click.option("--user", help="The user; also the namespace of commands without -n.")
@click.option("--namespace", help="The namespace of commands without -n.")
@click.option("--token-file", metavar="FILE", help="File with the token.")
@click.option(
    "--insecure/--no-insecure", default=None, help="Send the token over plain http to another machine, too."
)
@click.option("--client-ca", metavar="FILE", help="Who signed the server's certificate (PEM).")
@click.option("--client-cert", metavar="FILE", help="Certificate to authenticate with (PEM).")
@click.option("--client-key", metavar="FILE", help="Private key of the certificate (PEM).")
@pass_session
def set_context(session: Session, /, name: str, **settings: str | bool | None) -> None:
    """Make the context NAME, or change it; what is not given stays. Comments in the file are lost.

    A token itself is kept by `rok --context NAME login`, not here.
    """
    file = _file(session)
    given: dict[str, Any] = {key: value for key, value in settings.items() if value is not None}
    tls = {key: given.pop(key) for key in ("client_ca", "client_cert", "client_key") if key in given}
    if tls:
        given["tls"] = {"enabled": True, **tls}
    file.set_context(name, given)
    if not file.current and len(file.contexts) == 1 and not file.has_own_settings:
        file.use_context(name)
    file.save()
    current = "the current one" if file.current == name else f"use it: rok config use-context {name}"
    click.echo(f"Context '{name}' is in {file.path}; {current}.")


def _file(session: Session) -> ConfigFile:
    from rok.config_file import ConfigFile

    return ConfigFile(session.config_path, os.environ)

"""`krake pki`: a certificate authority for development."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from krake.tls.pair import Pair

_DAYS = click.IntRange(1, 36_500)

directory_option = click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the CA and all it issues. [default: pki in the state folder]",
)
force_option = click.option("--force", is_flag=True, help="Replace files that are there.")


@click.group()
def pki() -> None:
    """Make certificates for development: a CA, servers, callers.

    \b
      krake pki init
      krake pki issue server api --san krake.example.org --san 192.0.2.7
      krake pki issue client alice -O developers

    Certificates and keys are files that only their owner can read. For others than yourself, use the CA that
    your organisation has.
    """


@pki.command()
@directory_option
@click.option("--common-name", default="Krake development CA", show_default=True, help="The CA's name.")
@click.option("--days", type=_DAYS, default=3650, show_default=True, help="How long it is valid.")
@force_option
def init(directory: Path | None, common_name: str, days: int, force: bool) -> None:
    """Make the CA. An existing one is kept, unless --force is given."""
    from krake.tls.authority import Authority

    made = Authority.create(_folder(directory), common_name, days, force=force)
    click.echo(
        f"CA certificate: {made.folder / 'ca.crt'} (until {made.certificate.not_valid_after_utc:%Y-%m-%d})"
    )
    click.echo(f"CA key:         {made.folder / 'ca.key'} (keep it secret)")


@pki.group()
def issue() -> None:
    """Issue a certificate of the CA."""


@issue.command()
@click.argument("name")
@click.option("--san", "hosts", multiple=True, metavar="HOST", help="Host name or address; repeatable.")
@click.option("--days", type=_DAYS, default=397, show_default=True, help="How long it is valid.")
@directory_option
@force_option
def server(name: str, hosts: tuple[str, ...], days: int, directory: Path | None, force: bool) -> None:
    """A certificate for the server NAME: the API, Temporal, PostgreSQL.

    It is valid for localhost, 127.0.0.1 and ::1 as well as for each --san.

    \b
      krake pki issue server api --san krake.example.org
      KRAKE_API_TLS_CERT=…/api.crt KRAKE_API_TLS_KEY=…/api.key krake api
    """
    from krake.tls.authority import Authority

    names = dict.fromkeys(("localhost", "127.0.0.1", "::1", *hosts))
    _tell(Authority.load(_folder(directory)).issue_server(name, list(names), days, force=force))


@issue.command()
@click.argument("name")
@click.option(
    "-O", "--group", "groups", multiple=True, metavar="GROUP", help="Group of the user; repeatable."
)
@click.option("--days", type=_DAYS, default=397, show_default=True, help="How long it is valid.")
@directory_option
@force_option
def client(name: str, groups: tuple[str, ...], days: int, directory: Path | None, force: bool) -> None:
    """A certificate for the caller NAME; the API takes the name for the user's, the groups for its groups.

    \b
      krake pki issue client alice -O developers
    """
    from krake.tls.authority import Authority

    _tell(Authority.load(_folder(directory)).issue_client(name, groups, days, force=force))


def _folder(given: Path | None) -> Path:
    from krake.settings import load_settings

    return given or load_settings().state_dir / "pki"


def _tell(pair: Pair) -> None:
    click.echo(f"Certificate: {pair.certificate}")
    click.echo(f"Key:         {pair.key} (keep it secret)")

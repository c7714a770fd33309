"""Asking the API what one may do."""

from __future__ import annotations

import click

from rok.access import permission_rows
from rok.errors import ExitCode
from rok.output import as_text, show_rows
from rok.session import Session

_PATH = "/authorization"
_OVER_ALL = frozenset({"list_all", "watch_all"})
"""Verbs that are about all namespaces by themselves."""


def show_answer(session: Session, verb: str, resource: str, everywhere: bool) -> None:
    """Show whether the user may do something; a no ends the command with exit code 1."""
    wide = everywhere or verb in _OVER_ALL
    place = {} if wide else {"namespace": session.namespace}
    answer = session.connect().get(f"{_PATH}/can-i", verb=verb, resource=resource, **place)
    if not session.for_people:
        click.echo(as_text(answer, session.output))
    elif answer["allowed"]:
        places = answer["namespaces"]
        click.echo("yes" if "*" in places or not wide else f"yes, in namespace {', '.join(places)}")
    else:
        click.echo("no")
        click.echo(answer["reason"], err=True)
    if not answer["allowed"]:
        raise click.exceptions.Exit(ExitCode.NEGATIVE)


def show_permissions(session: Session, everywhere: bool) -> None:
    """Show everything that the user may do, in one namespace or anywhere."""
    place = {} if everywhere else {"namespace": session.namespace}
    listing = session.connect().get(f"{_PATH}/permissions", **place)
    show_rows(session, ("verbs", "resources", "namespaces"), permission_rows(listing), listing)

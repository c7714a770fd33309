"""What an update would change in what is desired of an application."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import click

from krake.differences import Difference, differences
from rok.actions import fetch
from rok.differences import as_documents, rendered
from rok.errors import ExitCode
from rok.output import as_text
from rok.resources import APPLICATIONS
from rok.session import Session
from rok.tables import colour_wanted

Document = dict[str, Any]


def show_desired_diff(session: Session, name: str, change: Callable[[Document], None], title: str) -> None:
    """Show what the change would do to the stored spec and labels; nothing is sent to be stored.

    Args:
        change: alters a resource as an update would.
        title: what the change comes from, such as the file's name.

    Raises:
        click.exceptions.Exit: exit code 1, there is a difference.
    """
    stored = fetch(session, session.connect(), APPLICATIONS, name)
    found = desired_differences(stored, change)
    if not session.for_people:
        click.echo(as_text({"items": as_documents(found)}, session.output))
    elif found:
        before = f"Application {name}, generation {stored['metadata']['generation']}"
        click.echo(rendered(before, title, found, colour=colour_wanted()))
    else:
        click.echo(f"No difference: Application '{name}' is already as {title} says", err=True)
    if found:
        raise click.exceptions.Exit(ExitCode.NEGATIVE)


def desired_differences(stored: Document, change: Callable[[Document], None]) -> list[Difference]:
    """The differences between a stored application and what the change makes of it."""
    changed = deepcopy(stored)
    change(changed)
    return list(differences(_desired(stored), _desired(changed)))


def _desired(document: Document) -> Document:
    return {"labels": document["metadata"].get("labels") or {}, **document["spec"]}

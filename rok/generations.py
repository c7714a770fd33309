"""The history of what was desired of an application, and returning to an earlier generation."""

from __future__ import annotations

from typing import Any

import click

from rok.actions import Waiting, awaited, fetch
from rok.errors import ExitCode, RokError
from rok.formats import age, date
from rok.hints import hints
from rok.output import as_text, show_one, show_rows
from rok.resources import APPLICATIONS
from rok.session import Session

Document = dict[str, Any]

_TITLES = ("generation", "age", "state", "actor", "changes", "reason")


def show_history(session: Session, name: str) -> None:
    """Show the kept generations, newest first."""
    listing = fetch(session, session.connect(), APPLICATIONS, name, "history")
    titles, rows = list(_TITLES), [_row(item) for item in listing["items"]]
    if session.output == "wide":
        titles.append("cause")
        rows = [[*row, item["cause"]] for row, item in zip(rows, listing["items"], strict=True)]
    show_rows(session, titles, rows, listing)


def _row(item: Document) -> list[str]:
    number = str(item["generation"])
    changes = "\n".join(item["changes"])
    return [number, age(item["at"]), item["state"], item["actor"], changes, item["message"]]


def show_generation(session: Session, name: str, number: int) -> None:
    """Show one generation with its whole spec.

    Raises:
        RokError: it is not kept.
    """
    client = session.connect()
    fetch(session, client, APPLICATIONS, name, "history")
    try:
        found = client.get(f"{APPLICATIONS.path(session.namespace, name, 'history')}/{number}")
    except RokError as error:
        if error.code is ExitCode.NOT_FOUND:
            error.fix = f"See which ones it keeps: `{session.again(f'kube app history {name}')}`"
        raise
    if not session.for_people:
        click.echo(as_text(found, session.output))
        return
    click.echo(f"Generation {number} of {name}, {found['state']}, by {found['actor']}, {date(found['at'])}")
    click.echo(as_text({"labels": found["labels"], "spec": found["spec"]}, "yaml"))


def roll_back(session: Session, name: str, number: int | None, waiting: Waiting) -> None:
    """Return to an earlier generation, wait where asked, and show the application."""
    client = session.connect()
    before = fetch(session, client, APPLICATIONS, name)
    path = APPLICATIONS.path(session.namespace, name, "rollback")
    with hints(session, client, APPLICATIONS, name):
        after = client.order(path, {"generation": number})
    if after["metadata"]["generation"] == before["metadata"]["generation"]:
        click.echo(f"Nothing to change: Application '{name}' is like generation {number} already", err=True)
    show_one(session, APPLICATIONS, awaited(session, client, APPLICATIONS, after, waiting))

"""`events`: who did what to a resource, when and why; as a table, or as it happens."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from typing import Any

import click

from rok.actions import fetch
from rok.client import PAGE, Client
from rok.errors import DetachedError, ExitCode, RokError
from rok.following import FIRST_PAUSE, LONGEST_PAUSE, SILENCE
from rok.formats import age, date
from rok.output import as_text, show_rows
from rok.plain import plain
from rok.problems import ProblemError
from rok.resources import Collection
from rok.session import Session
from rok.transport import UnreachableError

Document = dict[str, Any]

_ID = re.compile(r"\b[0-9a-f]{32}\b")
SHORT_ID = 8
"""Characters of a request's id that tables show: enough to find it again."""

TITLES = ("age", "event", "actor", "message", "cause")


def show_events(session: Session, collection: Collection, name: str, watch: bool) -> None:
    """Show the events of a resource, oldest first; they outlive the resource for a while."""
    client = session.connect()
    if watch:
        _watch(session, client, collection, name)
        return
    listing = page = fetch(session, client, collection, name, "events", limit=PAGE)
    while len(page["items"]) == PAGE:
        last = page["items"][-1]["id"]
        page = fetch(session, client, collection, name, "events", limit=PAGE, after=last)
        listing["items"] += page["items"]
    wide = session.output == "wide"
    show_rows(session, TITLES, [event_row(item, wide=wide) for item in listing["items"]], listing)
    note_deletion(collection, name, listing["items"])


def event_row(event: Document, *, wide: bool = False) -> list[str]:
    """One event as a row under `TITLES`; ids of requests are whole where there is room for them."""
    cause = event["cause"] if wide else _ID.sub(lambda found: found[0][:SHORT_ID], event["cause"])
    return [age(event["at"]), event["type"], event["actor"], event["message"], cause]


def note_deletion(collection: Collection, name: str, events: list[Document]) -> None:
    """Say on standard error that the resource is not there any more, where its events end with that."""
    if events and events[-1]["type"] == "Deleted":
        click.echo(f"{collection.kind} '{name}' was deleted {age(events[-1]['at'])}", err=True)


def _watch(session: Session, client: Client, collection: Collection, name: str) -> None:
    """Show every event and those to come until Ctrl-C.

    Raises:
        DetachedError: Ctrl-C.
    """
    fetch(session, client, collection, name, "events", limit=1)
    try:
        for event in _following(client, collection.path(session.namespace, name, "events")):
            click.echo(_line(session, event))
    except KeyboardInterrupt:
        raise DetachedError("Stopped watching") from None


def _following(client: Client, path: str) -> Iterator[Document]:
    """Every event from the first on, over restarts of the API, each once."""
    last, pause = 0, FIRST_PAUSE
    while True:
        try:
            for event in client.lines(path, SILENCE, after=last):
                pause = FIRST_PAUSE
                if event is not None:
                    last = event["id"]
                    yield event
        except (UnreachableError, ProblemError) as error:
            _require_passing(error)
            click.echo(f"{error.what}; trying again", err=True)
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def _require_passing(error: RokError) -> None:
    if error.code is not ExitCode.SERVER:
        raise error


def _line(session: Session, event: Document) -> str:
    if session.output == "json":
        return json.dumps(event, sort_keys=True)
    if session.output == "yaml":
        return f"---\n{as_text(event, 'yaml')}"
    return event_line(event)


def event_line(event: Document, resource: str = "") -> str:
    """One event as a line for people, with the resource that it is about where that is not known."""
    cause = f"  [{event['cause']}]" if event["cause"] else ""
    about = f"{resource} " if resource else ""
    message = f"  {event['message']}" if event["message"] else ""
    return plain(f"{date(event['at'])} {about}{event['type']:<17} {event['actor']}{message}{cause}")

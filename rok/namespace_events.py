"""`rok events` without a resource: what happened last in a namespace, or as it happens."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import click

from rok.client import Client
from rok.errors import DetachedError, ExitCode
from rok.events import event_line, event_row
from rok.output import as_text, show_rows
from rok.problems import ProblemError
from rok.session import Session
from rok.transport import UnreachableError

Document = dict[str, Any]

SHOWN = 200
"""Events that are shown at most: the newest."""
PAGE = 500
PAUSE = 1.0
"""Seconds between two looks."""
TITLES = ("age", "resource", "event", "actor", "message", "cause")


def show_namespace_events(session: Session, watch: bool) -> None:
    """Show the newest events of the namespace, newest last; with `watch`, those to come until Ctrl-C.

    Raises:
        DetachedError: Ctrl-C.
    """
    client, path = session.connect(), f"/core/namespaces/{session.namespace}/events"
    listing = client.get(path, last=SHOWN)
    if not watch:
        wide = session.output == "wide"
        rows = [_row(event, wide=wide) for event in listing["items"]]
        show_rows(session, TITLES, rows, listing)
        return
    try:
        for event in _following(client, path, listing["items"]):
            click.echo(_line(session, event))
    except KeyboardInterrupt:
        raise DetachedError("Stopped watching") from None


def _following(client: Client, path: str, events: list[Document]) -> Iterator[Document]:
    """These events and all later ones, each once, over restarts of the API."""
    last = 0
    while True:
        for event in events:
            last = event["id"]
            yield event
        if len(events) < PAGE:
            time.sleep(PAUSE)
        try:
            events = client.get(path, after=last, limit=PAGE)["items"]
        except (UnreachableError, ProblemError) as error:
            if error.code is not ExitCode.SERVER:
                raise
            click.echo(f"{error.what}; trying again", err=True)
            events = []


def _resource(event: Document) -> str:
    return f"{event['kind'].lower()}/{event['name']}"


def _row(event: Document, *, wide: bool) -> list[str]:
    age, *rest = event_row(event, wide=wide)
    return [age, _resource(event), *rest]


def _line(session: Session, event: Document) -> str:
    if session.output == "json":
        return json.dumps(event, sort_keys=True)
    if session.output == "yaml":
        return f"---\n{as_text(event, 'yaml')}"
    return event_line(event, _resource(event))

"""`-w/--watch`: a table that keeps itself up to date, or one line for each change."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from types import MappingProxyType
from typing import Any

import click

from rok.client import Client
from rok.errors import DetachedError, ExitCode, RokError
from rok.following import Change, Follower, Snapshot
from rok.inheriting import with_inherited
from rok.output import as_text, many, one
from rok.plain import plain
from rok.resources import Collection
from rok.session import Session
from rok.tables import colour_wanted

Document = dict[str, Any]


def watch_list(
    session: Session,
    client: Client,
    collection: Collection,
    namespace: str | None,
    params: Mapping[str, str | int] = MappingProxyType({}),
) -> None:
    """Show the resources of a collection and every change until Ctrl-C.

    Raises:
        DetachedError: Ctrl-C.
    """
    path = collection.path(namespace)

    def refresh() -> Snapshot:
        listing = client.list_all(path, **params)
        return listing["items"], int(listing["metadata"]["revision"])

    start = refresh()
    follower = Follower(client, path, start, refresh, params=params)
    _watch(session, collection, follower, start[0], lambda documents: many(session, collection, documents))


def watch_one(session: Session, client: Client, collection: Collection, document: Document) -> None:
    """Show one resource and every change of it until it is deleted or Ctrl-C.

    Raises:
        DetachedError: Ctrl-C.
    """
    metadata = document["metadata"]
    path = collection.path(metadata["namespace"], metadata["name"])

    def refresh() -> Snapshot:
        try:
            found = client.get(path)
        except RokError as error:
            if error.code is ExitCode.NOT_FOUND:
                return [], 0
            raise
        return [found], found["metadata"]["revision"]

    start = ([document], metadata["revision"])
    name = {"name": metadata["name"]}
    follower = Follower(client, collection.path(metadata["namespace"]), start, refresh, params=name)
    last = [document]

    def table(documents: list[Document]) -> str:
        last[:] = documents or last
        return one(session, collection, with_inherited(session, client, last[0]))

    _watch(session, collection, follower, [document], table, until_deleted=True)


def _watch(
    session: Session,
    collection: Collection,
    follower: Follower,
    documents: list[Document],
    table: Callable[[list[Document]], str],
    *,
    until_deleted: bool = False,
) -> None:
    known = {document["metadata"]["uid"]: document for document in documents}
    try:
        with _screen(session, collection, table) as show:
            show(list(known.values()), None, "")
            for tick in follower.ticks():
                if tick.change:
                    _keep(known, tick.change)
                if tick.change or tick.trouble:
                    show(list(known.values()), tick.change, tick.trouble)
                if until_deleted and not known:
                    break
    except KeyboardInterrupt:
        raise DetachedError("Stopped watching") from None
    if until_deleted:
        click.echo(f"{collection.kind} '{documents[0]['metadata']['name']}' is deleted", err=True)


def _keep(known: dict[str, Document], change: Change) -> None:
    uid = change.object["metadata"]["uid"]
    if change.type == "DELETED":
        known.pop(uid, None)
    else:
        known[uid] = change.object


Show = Callable[[list[Document], Change | None, str], None]


@contextmanager
def _screen(
    session: Session, collection: Collection, table: Callable[[list[Document]], str]
) -> Iterator[Show]:
    """How changes are shown: a table in place on a terminal, lines elsewhere, documents for programs."""
    if not session.for_people:
        yield lambda known, change, trouble: _document(session, known, change, trouble)
    elif sys.stdout.isatty():
        with _live(table) as show:
            yield show
    else:
        yield lambda known, change, trouble: _line(table, known, change, trouble)


def _document(session: Session, known: list[Document], change: Change | None, trouble: str) -> None:
    """Watch events, one JSON line or one YAML document each; what is there already comes as ADDED."""
    if trouble:
        click.echo(trouble, err=True)
        return
    changes = [change] if change else [Change("ADDED", document) for document in known]
    for item in changes:
        event = {"type": item.type, "object": item.object}
        text = (
            json.dumps(event, sort_keys=True)
            if session.output == "json"
            else f"---\n{as_text(event, 'yaml')}"
        )
        click.echo(text)


def _line(
    table: Callable[[list[Document]], str], known: list[Document], change: Change | None, trouble: str
) -> None:
    now = f"{datetime.now():%H:%M:%S}"
    if trouble:
        click.echo(f"{now} {trouble}", err=True)
    elif change is None:
        click.echo(table(known))
    else:
        metadata, status = change.object["metadata"], change.object["status"]
        message = (status.get("reason") or {}).get("message") or status.get("message") or ""
        place = f"{metadata['namespace']}/{metadata['name']}"
        click.echo(plain(f"{now} {change.type:<8} {place} {status['state']}  {message}".rstrip()))


@contextmanager
def _live(table: Callable[[list[Document]], str]) -> Iterator[Show]:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console(color_system="standard" if colour_wanted() else None, highlight=False)
    with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:

        def show(known: list[Document], _change: Change | None, trouble: str) -> None:
            text = Text.from_ansi(table(known))
            if trouble:
                text.append(f"\n{trouble}")
            live.update(text, refresh=True)

        yield show

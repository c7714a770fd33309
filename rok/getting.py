"""`rok get`: resources of any kinds, by name or by what they are like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from rok.actions import fetch, get_resource, list_resources, visible
from rok.catalogue import COLLECTIONS, named
from rok.output import as_text, many, show_list
from rok.resources import Collection
from rok.selecting import Params
from rok.session import Session

Document = dict[str, Any]

EVERYTHING = "all"


def get(
    session: Session, kinds: str, names: Sequence[str], *, everywhere: bool, watch: bool, params: Params
) -> None:
    """Show resources: the named ones of a kind, or all of one or several kinds.

    Raises:
        click.UsageError: the words do not go together.
        RokError: there is no such kind or resource.
    """
    collections = _collections(kinds, everywhere)
    if len(collections) > 1:
        if names or watch:
            raise click.UsageError("Names and --watch need one kind")
        _show_many(session, collections, everywhere, params)
    elif not names:
        list_resources(session, collections[0], everywhere, watch, params)
    elif everywhere or params:
        raise click.UsageError("A name says all: leave out --all-namespaces and selectors")
    elif len(names) == 1:
        get_resource(session, collections[0], names[0], watch)
    elif watch:
        raise click.UsageError("--watch follows one resource, or all of a kind")
    else:
        _show_named(session, collections[0], names)


def _collections(kinds: str, everywhere: bool) -> Sequence[Collection]:
    """The kinds of a word such as `app,clusters`; `all` leaves out global ones where a namespace is meant."""
    if kinds.lower() == EVERYTHING:
        return [collection for collection in COLLECTIONS if collection.namespaced or everywhere]
    return [named(word) for word in kinds.split(",")]


def _show_named(session: Session, collection: Collection, names: Sequence[str]) -> None:
    client = session.connect()
    items = [fetch(session, client, collection, name) for name in names]
    listing = {"api": collection.api, "kind": f"{collection.kind}List", "metadata": {}, "items": items}
    show_list(session, collection, listing)


def _show_many(session: Session, collections: Sequence[Collection], everywhere: bool, params: Params) -> None:
    """One table for each kind that there is something of; one list of everything for programs."""
    client = session.connect()
    namespace = None if everywhere else session.namespace
    found = [(one, visible(client, one, namespace, params)) for one in collections]
    if not session.for_people:
        every = [item for _, items in found for item in items]
        click.echo(as_text({"api": "core", "kind": "List", "metadata": {}, "items": every}, session.output))
        return
    shown = [(collection, items) for collection, items in found if items]
    if not shown:
        click.echo("Nothing found", err=True)
        return
    tables = [f"{collection.plural}\n{many(session, collection, items)}" for collection, items in shown]
    click.echo("\n\n".join(tables))

"""Showing results: tables for people, the API's own documents for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click

from rok.resources import Collection
from rok.session import Session

Document = dict[str, Any]

FIRM_TITLES = frozenset({"event", "state", "operation", "took"})
DATE_TITLES = frozenset({"time", "started"})


def as_text(document: Document, output: str) -> str:
    """A document as JSON (two blanks, keys sorted), block-style YAML, or `kind/name` of what is in it."""
    if output == "json":
        return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False)
    if output == "name":
        items = document.get("items", [document])
        return "\n".join(f"{item['kind'].lower()}/{item['metadata']['name']}" for item in items)
    import yaml

    text: str = yaml.safe_dump(document, default_flow_style=False, allow_unicode=True, sort_keys=True)
    return text.rstrip()


def show_one(session: Session, collection: Collection, document: Document) -> None:
    """Write one resource to standard output."""
    click.echo(one(session, collection, document))


def one(session: Session, collection: Collection, document: Document) -> str:
    """One resource in the chosen format."""
    if not session.for_people:
        return as_text(document, session.output)
    from rok.tables import vertical
    from rok.views import details

    return vertical(details(collection, document))


def show_list(session: Session, collection: Collection, listing: Document) -> None:
    """Write a list of resources to standard output."""
    if session.for_people:
        click.echo(many(session, collection, listing["items"]))
    else:
        click.echo(as_text(listing, session.output))


def many(session: Session, collection: Collection, items: Sequence[Document]) -> str:
    """The table of a list of resources."""
    from rok.tables import horizontal
    from rok.views import columns, row

    wide = session.output == "wide"
    return horizontal(columns(collection, wide), [row(collection, item, wide) for item in items], wide=wide)


def show_rows(
    session: Session, titles: Sequence[str], rows: Sequence[Sequence[str]], listing: Document
) -> None:
    """Write a list that is no list of resources, such as events."""
    if not session.for_people:
        click.echo(as_text(listing, session.output))
        return
    from rok.tables import Column, horizontal

    columns = [Column(title, firm=title in FIRM_TITLES, dates=title in DATE_TITLES) for title in titles]
    click.echo(horizontal(columns, rows, wide=session.output == "wide"))

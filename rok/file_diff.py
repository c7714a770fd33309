"""`rok diff -f`: what `rok apply -f` would change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from krake.differences import Difference, differences
from rok.applying import rehearsed, stored
from rok.client import Client
from rok.differences import as_documents, rendered
from rok.errors import ExitCode
from rok.output import as_text
from rok.resource_files import Item, read_items
from rok.session import Session
from rok.tables import colour_wanted

Document = dict[str, Any]

HIDDEN = "secret fields, which are not shown"
"""The path of a difference that is in nothing but write-only fields."""


def show_file_diff(session: Session, sources: Sequence[str]) -> None:
    """Show what the files would change; the server itself says what would come of each, and stores nothing.

    Raises:
        RokError: a file cannot be read, the server is away or refuses a resource.
        click.exceptions.Exit: exit code 1, something differs.
    """
    items = read_items(session, sources)
    client = session.connect()
    found = [(item, found) for item in items if (found := _differences(client, item))]
    if not session.for_people:
        documents = [{**item.identity, "differences": as_documents(differing)} for item, differing in found]
        click.echo(as_text({"items": documents}, session.output))
    for item, differing in found if session.for_people else []:
        before = f"{item.title} as it is"
        click.echo(rendered(before, f"{item.title} as in {item.place}", differing, colour=colour_wanted()))
    if not found:
        click.echo(f"No difference: {len(items)} resources are as the files say", err=True)
        return
    raise click.exceptions.Exit(ExitCode.NEGATIVE)


def _differences(client: Client, item: Item) -> list[Difference]:
    before = stored(client, item)
    after = rehearsed(client, item, before)
    found = list(differences(_owned(before), _owned(after)))
    changed = before is not None and before["metadata"]["revision"] != after["metadata"]["revision"]
    if changed and not found:
        return [Difference(HIDDEN, "…", "…")]
    return found


def _owned(document: Document | None) -> Document:
    """What belongs to the user: a resource that is not there has nothing of it."""
    if document is None:
        return {}
    metadata = document["metadata"]
    fields_kept = ("inherit_labels", "owners", "finalizers")
    kept = {field: metadata[field] for field in fields_kept if metadata.get(field)}
    fields = document.get("spec") or {
        key: value
        for key, value in document.items()
        if key not in ("api", "kind", "metadata", "status", "spec")
    }
    return {"labels": metadata.get("labels") or {}, **kept, **fields}

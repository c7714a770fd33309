"""What differs between an application as Krake applied it and as it is on its cluster."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click

from rok.actions import fetch
from rok.errors import ExitCode
from rok.formats import age
from rok.output import as_text, show_rows
from rok.resources import APPLICATIONS
from rok.session import Session

Document = dict[str, Any]

TITLES = ("object", "field", "applied", "on the cluster", "managed by", "changed")
_CHANGES = {
    "missing": "is not there",
    "surplus": "is still there",
    "foreign": "is somebody else's",
    "unknown": "cannot be compared",
}


def show_live_diff(session: Session, name: str) -> None:
    """Ask for the differences, show them, and end with 1 if there are any that count."""
    found = fetch(session, session.connect(), APPLICATIONS, name, "diff")
    if not session.for_people:
        click.echo(as_text(found, session.output))
    elif found["objects"]:
        rows = [row for item in found["objects"] for row in _rows(item)]
        show_rows(session, TITLES, rows, found)
    else:
        click.echo(f"Nothing differs: {found['compared']} objects on {found['cluster']} are as applied")
    if differs(found):
        raise click.exceptions.Exit(ExitCode.NEGATIVE)


def differs(found: Document) -> bool:
    """Whether anything differs that counts as drift."""
    return any(
        item["change"] != "altered" or item["truncated"] or any(field["counts"] for field in item["fields"])
        for item in found["objects"]
    )


def _rows(item: Document) -> Iterator[list[str]]:
    title = f"{item['kind']}/{item['name']}"
    if item["change"] != "altered":
        words = _CHANGES.get(item["change"], item["change"])
        yield [title, f"{words}{': ' + item['message'] if item['message'] else ''}", "", "", "", ""]
    for field in item["fields"]:
        path = field["path"] + ("" if field["counts"] else " (not observed)")
        changed = age(field["since"]) if field["since"] else ""
        manager = field["manager"] or "nobody"
        yield [title, path, _value(field["applied"]), _value(field["live"]), manager, changed]
    if item["truncated"]:
        yield [title, f"… and {item['truncated']} more fields", "", "", "", ""]


def _value(value: Any) -> str:
    if value is None:
        return "nothing"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

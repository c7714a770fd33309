"""Showing the audit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from rok.formats import date

if TYPE_CHECKING:
    from rok.client import Client, Document
    from rok.session import Session

PATH = "/core/audit"
PAGE = 500
_NONE = "-"


def show_audit(session: Session, filters: dict[str, str], since: float | None, limit: int) -> None:
    """Print the entries that fit, newest first.

    Args:
        filters: values of the API's parameters.
        since: seconds back from now; None for all.
        limit: how many entries at most.
    """
    params = dict(filters)
    if since:
        params["since"] = (datetime.now(UTC) - timedelta(seconds=since)).isoformat()
    listing = _fetch(session.connect(), params, limit)
    if not session.for_people:
        from rok.output import as_text

        click.echo(as_text(listing, session.output))
        return
    click.echo(_table(listing["items"], wide=session.output == "wide"))


def _fetch(client: Client, params: dict[str, str], limit: int) -> Document:
    """The pages of the audit as one list of at most `limit` entries."""
    listing = client.get(PATH, limit=min(limit, PAGE), **params)
    token = listing["metadata"].get("continue")
    while token and len(listing["items"]) < limit:
        left = limit - len(listing["items"])
        page = client.get(PATH, limit=min(left, PAGE), **params, **{"continue": token})
        listing["items"] += page["items"]
        token = page["metadata"].get("continue")
    listing["metadata"]["continue"] = token
    return listing


def _table(items: list[dict[str, Any]], *, wide: bool) -> str:
    from rok.tables import Column, horizontal

    columns = [Column("at", dates=True), Column("user"), Column("verb", firm=True), Column("resource")]
    columns += [Column("result", firm=True), Column("from")]
    columns += [Column("request")] if wide else []
    rows = [_row(item, wide=wide) for item in items]
    return horizontal(columns, rows, wide=wide)


def _row(item: dict[str, Any], *, wide: bool) -> list[str]:
    status = f" {item['status']}" if item["status"] else ""
    row = [date(item["at"]), item["user"] or _NONE, item["verb"], _resource(item)]
    row += [f"{item['result']}{status}", item["source"] or _NONE]
    return [*row, item["request_id"] or _NONE] if wide else row


def _resource(item: dict[str, Any]) -> str:
    """`Application shop/web migration`, as far as each is known."""
    address = "/".join(part for part in (item["namespace"], item["name"]) if part)
    return " ".join(part for part in (item["kind"], address, item["part"]) if part)

"""What is and was being done for a resource: the runs of its workflows."""

from __future__ import annotations

import time

from rok.actions import fetch
from rok.errors import DetachedError
from rok.formats import date, parse_time, short_span
from rok.output import Document, show_rows
from rok.resources import Collection
from rok.session import Session

LOOK_AGAIN = 1.0
"""Seconds between two looks at running operations; there is no stream of them."""


def show_operations(session: Session, collection: Collection, name: str, watch: bool) -> None:
    """Show the workflow runs of a resource, newest first; with `watch`, anew whenever they change."""
    shown: list[Document] | None = None
    try:
        client = session.connect()
        while True:
            listing = fetch(session, client, collection, name, "operations")
            if listing["items"] != shown:
                shown = listing["items"]
                _show(session, listing)
            if not watch:
                return
            time.sleep(LOOK_AGAIN)
    except KeyboardInterrupt:
        raise DetachedError("Stopped watching") from None


def _show(session: Session, listing: Document) -> None:
    titles = ["operation", "state", "step", "started", "took"]
    rows = [[*_operation(item)] for item in listing["items"]]
    if session.output == "wide":
        titles.append("workflow")
        rows = [[*row, item["workflow_id"]] for row, item in zip(rows, listing["items"], strict=True)]
    show_rows(session, titles, rows, listing)


def _operation(item: Document) -> tuple[str, str, str, str, str]:
    started, finished = parse_time(item.get("started")), parse_time(item.get("finished"))
    took = short_span((finished - started).total_seconds()) if started and finished else ""
    return item["operation"], item["state"], item.get("step", ""), date(item.get("started")), took

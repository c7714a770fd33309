"""Showing orphans and having them collected."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import quote

import click

from rok.client import Client
from rok.errors import ExitCode, RokError
from rok.formats import NONE, date, span
from rok.output import Document, show_rows
from rok.session import Session

_LOOK_AGAIN = 0.5
"""Seconds between two looks at what is left; there is no stream of orphans."""


def show_orphans(session: Session, everywhere: bool, cluster: str | None) -> None:
    """Show the orphans of a namespace, or of all."""
    listing = _listing(session, session.connect(), everywhere, cluster)
    titles = ["object", "cluster", "application", "since", "reason"]
    rows = [
        [
            _object(item),
            item["cluster"],
            f"{item['namespace']}/{item['application']}" if item["application"] else NONE,
            date(item["at"]),
            item["reason"],
        ]
        for item in listing["items"]
    ]
    show_rows(session, titles, rows, listing)


def collect_orphans(session: Session, everywhere: bool, cluster: str | None, timeout: float | None) -> None:
    """Have orphans collected; with a timeout in seconds, wait until nothing is left.

    Raises:
        RokError: the cluster is not there, nobody can collect (1), or the time is over (6).
    """
    client = session.connect()
    started = client.order(f"{_path(session, everywhere)}/collect", **_params(cluster))
    if not session.for_people:
        show_rows(session, [], [], started)
    elif not started["items"]:
        click.echo("Nothing was left behind")
    for item in started["items"] if session.for_people else []:
        click.echo(f"{item['cluster']}: {item['orphans']} orphans, {item['message']}")
    stuck = [item for item in started["items"] if not item["operation"]]
    if timeout is not None and stuck:
        raise RokError(
            f"Nobody can remove what was left on {', '.join(item['cluster'] for item in stuck)}",
            code=ExitCode.NEGATIVE,
            why=stuck[0]["message"],
        )
    if timeout is not None:
        _wait(session, client, everywhere, cluster, timeout)


def _wait(session: Session, client: Client, everywhere: bool, cluster: str | None, timeout: float) -> None:
    deadline = time.monotonic() + timeout if timeout else None
    while left := _listing(session, client, everywhere, cluster)["items"]:
        if deadline is not None and time.monotonic() >= deadline:
            raise RokError(
                f"{len(left)} orphans are still there after {span(timeout or 0)}",
                code=ExitCode.TIMEOUT,
                why=", ".join(f"{_object(item)} on {item['cluster']}" for item in left[:5]),
                fix=f"Krake tries again; look with `{session.again('core orphan list')}`",
            )
        time.sleep(_LOOK_AGAIN)
    if session.for_people:
        click.echo("Nothing is left behind any more")


def _listing(session: Session, client: Client, everywhere: bool, cluster: str | None) -> Document:
    return client.get(_path(session, everywhere), **_params(cluster))


def _path(session: Session, everywhere: bool) -> str:
    inside = "" if everywhere else f"/namespaces/{quote(session.namespace, safe='')}"
    return f"/core{inside}/orphans"


def _params(cluster: str | None) -> dict[str, Any]:
    return {"cluster": cluster} if cluster else {}


def _object(item: Document) -> str:
    namespace = f"{item['object_namespace']}/" if item.get("object_namespace") else ""
    place = f"{item['kind']} {namespace}{item['object_name']}"
    # A cluster that was forgotten by force while it was at a cloud: the place is the cloud.
    return f"the cluster itself at {place}" if item.get("api_version") == "infrastructure" else place

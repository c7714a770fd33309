"""`rok apply` and `rok delete`: making what is there as files say, and removing what they name."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from rok.actions import Waiting, awaited
from rok.client import Client
from rok.errors import ExitCode, RokError
from rok.resource_files import Item, read_items
from rok.resources import APPLICATIONS, CLUSTERS
from rok.results import Results
from rok.session import Session
from rok.writing import rewrite

Document = dict[str, Any]

SETTLED = {APPLICATIONS: "RUNNING", CLUSTERS: "ONLINE"}
"""What `--wait` waits for after an `apply`; other kinds are what they are at once."""

_SERVER_OWNED = ("api", "kind", "metadata", "status")
_METADATA = ("labels", "inherit_labels", "owners", "finalizers")


def apply(session: Session, sources: Sequence[str], *, dry_run: bool, timeout: float | None) -> None:
    """Create or update every resource in the files.

    Args:
        sources: the files; nothing is sent before all of them could be read.
        dry_run: store nothing, only say what would be done.
        timeout: seconds to wait until everything is ready, 0 without limit; None does not wait.

    Raises:
        RokError: a file cannot be read, or the server is away.
        click.exceptions.Exit: some resources could not be applied; their errors have been shown.
    """
    items = read_items(session, sources)
    client = session.connect()
    results = Results(session, "dry run" if dry_run else "")
    applied: list[tuple[Item, Document]] = []
    for item in items:
        with results.attempt(item):
            result, resource = _apply(client, item, dry_run=dry_run)
            results.add(item, result, resource)
            applied.append((item, resource))
    if timeout is not None and not dry_run:
        _wait(session, client, applied, results, timeout)
    results.finish()


def declared(item: Item) -> Callable[[Document], None]:
    """The change that makes a stored resource as the file says.

    Everything that the user owns is replaced, so what the file leaves out of it returns to its default; of
    the metadata only what the file has.
    """

    def change(document: Document) -> None:
        for field in [key for key in document if key not in _SERVER_OWNED]:
            del document[field]
        document.update({key: value for key, value in item.document.items() if key not in _SERVER_OWNED})
        given = item.document["metadata"]
        document["metadata"].update({key: given[key] for key in _METADATA if key in given})

    return change


def stored(client: Client, item: Item) -> Document | None:
    """The resource as it is now, or None where there is none."""
    try:
        return client.get(item.path)
    except RokError as error:
        if error.code is not ExitCode.NOT_FOUND:
            raise
        return None


def rehearsed(client: Client, item: Item, before: Document | None) -> Document:
    """The resource as it would be; nothing is stored."""
    if before is None:
        return dict(client.post(item.collection.path(item.namespace), _new(item), dry_run="True")["resource"])
    document = {**before, "metadata": dict(before["metadata"])}
    declared(item)(document)
    answer = client.put(item.path, document, before["metadata"]["revision"], dry_run="True")
    return dict(answer["resource"])


def _apply(client: Client, item: Item, *, dry_run: bool) -> tuple[str, Document]:
    before = stored(client, item)
    if dry_run:
        after = rehearsed(client, item, before)
    elif before is None:
        after = client.post(item.collection.path(item.namespace), _new(item))
    else:
        before, after = rewrite(client, item.path, lambda: client.get(item.path), declared(item))
    if before is None:
        return "created", after
    changed = after["metadata"]["revision"] != before["metadata"]["revision"]
    return "configured" if changed else "unchanged", after


def _new(item: Item) -> Document:
    document = {key: value for key, value in item.document.items() if key != "status"}
    namespace = item.namespace if item.collection.namespaced else None
    return {
        **document,
        "api": item.collection.api,
        "metadata": {**item.document["metadata"], "namespace": namespace},
    }


def _wait(
    session: Session,
    client: Client,
    applied: Sequence[tuple[Item, Document]],
    results: Results,
    timeout: float,
) -> None:
    """Wait until all are ready, within one limit for all of them."""
    deadline = time.monotonic() + timeout
    for item, resource in applied:
        if item.collection in SETTLED:
            left = max(deadline - time.monotonic(), 0.1) if timeout else 0
            with results.attempt(item):
                waiting = Waiting(SETTLED[item.collection], left)
                awaited(session.inside(item.namespace), client, item.collection, resource, waiting)

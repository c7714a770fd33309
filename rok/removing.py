"""`rok delete`: removing resources that files or words name."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from rok.actions import Waiting, awaited
from rok.client import Client
from rok.errors import ExitCode, RokError
from rok.resource_files import Item
from rok.results import Results
from rok.session import Session
from rok.waiting import DELETED

Document = dict[str, Any]


def remove(
    session: Session,
    items: Sequence[Item],
    *,
    force: bool = False,
    ignore_missing: bool = False,
    timeout: float | None = None,
) -> None:
    """Delete the resources, the last one first: what a file names last builds on what it names first.

    Args:
        items: what to delete.
        force: remove each from Krake at once.
        ignore_missing: count what is not there as deleted.
        timeout: seconds to wait until all are gone, 0 without limit; None does not wait.

    Raises:
        RokError: the server is away.
        click.exceptions.Exit: some could not be deleted; their errors have been shown.
    """
    client = session.connect()
    results = Results(session)
    removed: list[tuple[Item, Document]] = []
    for item in reversed(items):
        with results.attempt(item):
            document = _delete(client, item, force=force, ignore_missing=ignore_missing)
            results.add(item, "not there" if document is None else "deleted", document)
            if document is not None:
                removed.append((item, document))
    if timeout is not None:
        _wait(session, client, removed, results, timeout)
    results.finish()


def _delete(client: Client, item: Item, *, force: bool, ignore_missing: bool) -> Document | None:
    try:
        return client.delete(item.path, **({"force": "True"} if force else {}))
    except RokError as error:
        if error.code is ExitCode.NOT_FOUND and ignore_missing:
            return None
        raise


def _wait(
    session: Session,
    client: Client,
    removed: Sequence[tuple[Item, Document]],
    results: Results,
    timeout: float,
) -> None:
    deadline = time.monotonic() + timeout
    for item, document in removed:
        left = max(deadline - time.monotonic(), 0.1) if timeout else 0
        with results.attempt(item):
            inside = session.inside(item.namespace)
            awaited(inside, client, item.collection, document, Waiting(DELETED, left))

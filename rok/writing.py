"""Changing a resource over the writes of others, such as the status that Krake keeps."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from rok.client import Client
from rok.errors import RokError

Document = dict[str, Any]

ATTEMPTS = 5
"""How often an update is made anew when somebody else wrote the resource at the same moment."""


def rewrite(
    client: Client, path: str, fetch: Callable[[], Document], change: Callable[[Document], None]
) -> tuple[Document, Document]:
    """Fetch a resource, change it and send it back; the resource before and after.

    Raises:
        RokError: it is not there, the change is refused, or others write it all the time.
    """
    for attempt in range(ATTEMPTS):
        stored = fetch()
        document = deepcopy(stored)
        change(document)
        try:
            return stored, client.put(path, document, document["metadata"]["revision"])
        except RokError as error:
            if getattr(error, "status", 0) != 412 or attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("the last attempt returns or raises")

"""Puts back observed fields that the manifest does not name and that somebody changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog

from activities.kubernetes.connection import Document
from activities.kubernetes.connections import Access
from activities.kubernetes.errors import ClusterError
from activities.kubernetes.observed_fields import restoration

_REFUSED = frozenset({400, 409, 422})

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Observing:
    """What an observer schema adds to the apply of one object."""

    schema: Document
    expected: Mapping[str, Any] = field(default_factory=dict)
    """Fields as they have to be; empty where they are to be learned anew."""


async def restore(
    access: Access, path: str, manager: str, manifest: Document, observing: Observing, live: Document
) -> Document:
    """Put learned fields back and return the object as it is then.

    What the cluster refuses, such as a field that never changes again, stays as it is: it was told as drift
    when it was seen, and is what is expected from now on.

    Raises:
        ClusterError: the cluster does not answer.
    """
    operations = restoration(observing.schema, manifest, observing.expected, live)
    if not operations:
        return live
    try:
        # A manager of its own beside that of the apply, which otherwise would take the fields away again.
        return await access.connection.request(
            "PATCH",
            path,
            query={"fieldManager": f"{manager}-learned"},
            body=operations,
            content_type="application/json-patch+json",
        )
    except ClusterError as error:
        if error.status not in _REFUSED:
            raise
        log.info("observed fields cannot be put back", path=path, message=error.message)
        return live

"""How old what is known of applications is: read once for all requests of a moment."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from krake.models.kinds import APPLICATION
from krake.resources import document
from krake.store.records import Record
from krake.store.store import Store

FRESH_SECONDS = 1.0
"""How long the map of confirmations is used for."""


@dataclass(frozen=True, slots=True)
class Ages:
    """When each cluster confirmed last what runs on it, seen from one moment."""

    stale_after: float
    confirmed: Mapping[str, datetime] = field(default_factory=dict)
    """By uid of the cluster."""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def document(self, record: Record) -> dict[str, Any]:
        """The resource as the API shows it at this moment."""
        cluster = record.status.get("scheduled_uid")
        return document(
            record,
            now=self.now,
            stale_after=self.stale_after,
            confirmed=self.confirmed.get(cluster) if cluster else None,
        )

    def stale(self) -> frozenset[str]:
        """Uids of the clusters whose applications nobody has confirmed for too long."""
        return frozenset(
            uid
            for uid, moment in self.confirmed.items()
            if (self.now - moment).total_seconds() > self.stale_after
        )


class AgeReader:
    """Reads confirmations from the store, a small map, once a second at most."""

    def __init__(self, store: Store, stale_after: float) -> None:
        self._store = store
        self._stale_after = stale_after
        self._confirmed: Mapping[str, datetime] = {}
        self._until = 0.0

    async def read(self, kind: str) -> Ages:
        """The ages as they are now, for showing resources of a kind.

        Raises:
            Unavailable: the store does not answer.
        """
        if kind != APPLICATION.name:
            return Ages(self._stale_after)
        if time.monotonic() >= self._until:
            self._confirmed = await self._store.confirmations()
            self._until = time.monotonic() + FRESH_SECONDS
        return Ages(self._stale_after, self._confirmed)

"""Writing what accompanies resources and is no part of them: events, decisions, secrets, samples, orphans."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson

from krake.models.orphans import Orphan
from krake.models.samples import Measured
from krake.store.generations import GenerationWrites
from krake.store.reads import secret_place
from krake.store.records import NewEvent, Record

Document = dict[str, Any]


class AccompanyingWrites(GenerationWrites):
    """Writes within a transaction that make no revision: watchers are not told of them."""

    async def put_secret(self, uid: str, field: str, value: bytes) -> None:
        """Store a value encrypted; it goes with its resource."""
        ciphertext = self._cipher.encrypt(value, secret_place(uid, field))
        await self._session.fetch(self._statements.put_secret, uid=uid, field=field, ciphertext=ciphertext)

    async def put_sample(self, uid: str, measured: Measured) -> None:
        """Remember the newest value of a metric; it is no change of the metric, so that nobody is told."""
        await self._session.fetch(
            self._statements.placement.put_sample,
            uid=uid,
            value=measured.value,
            at=measured.at,
            code=measured.code,
            message=measured.message,
        )

    async def record_decision(self, record: Record, document: Document | bytes) -> None:
        """Remember a placement decision with its explanation; bytes are JSON, written as they are."""
        content = orjson.Fragment(document) if isinstance(document, bytes) else document
        await self._session.fetch(
            self._statements.add_decision, n_at=datetime.now(UTC), n_uid=record.uid, n_document=content
        )

    async def add_event(self, record: Record, event: NewEvent) -> None:
        """Remember that something happened to the resource."""
        await self._session.fetch(
            self._statements.add_event,
            n_at=datetime.now(UTC),
            n_kind=record.kind,
            n_namespace=record.namespace,
            n_name=record.name,
            n_uid=record.uid,
            n_type=event.type,
            n_message=event.message,
            n_actor=event.actor,
            n_cause=event.cause,
        )

    async def add_orphan(self, orphan: Orphan) -> None:
        """Remember an object that is left on a cluster; its `id` is given by the store."""
        row = {f"n_{name}": value for name, value in orphan if name != "id"}
        await self._session.fetch(self._statements.add_orphan, **row)

    async def remove_orphan(self, number: int) -> None:
        """Forget an object that is not on its cluster any more; a second time does nothing."""
        await self._session.fetch(self._statements.remove_orphan, p_id=number)

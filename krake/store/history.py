"""Reading what happened and why: events and placement decisions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from krake.models.events import Event
from krake.store.generations import GenerationReads

_HEAD_FIELDS = ("id", "at", "trigger", "chosen", "margin", "summary")
_EVENT_FIELDS = ("id", "at", "kind", "namespace", "name", "uid", "type", "message", "actor", "cause")


class HistoryReads(GenerationReads):
    """What happened to resources and why; it outlives them for a while."""

    async def events(
        self,
        kind: str | None = None,
        namespace: str | None = None,
        name: str | None = None,
        uid: str | None = None,
        *,
        after_id: int = 0,
        limit: int = 1000,
    ) -> list[Event]:
        """Events of the resources that fit all the given values, oldest first, also of removed ones."""
        given = {"kind": kind, "namespace": namespace, "name": name, "uid": uid}
        filters = {f"p_{key}": value for key, value in given.items() if value is not None}
        statement = self._statements.events(tuple(key for key, value in given.items() if value is not None))
        rows = await self._session.fetch(statement, after_id=after_id, p_limit=limit, **filters)
        return [_event(row) for row in rows]

    async def latest_events(self, kind: str, namespace: str, name: str, limit: int) -> list[Event]:
        """The newest events of the resources that had this name, oldest of them first."""
        address = {"p_kind": kind, "p_namespace": namespace, "p_name": name}
        rows = await self._session.fetch(self._statements.history.latest_events, **address, p_limit=limit)
        return [_event(row) for row in reversed(rows)]

    async def events_in(
        self, namespace: str, kinds: Sequence[str], *, after_id: int = 0, limit: int = 1000
    ) -> list[Event]:
        """Events of all resources of some kinds in a namespace, oldest first, also of removed ones."""
        rows = await self._session.fetch(
            self._statements.history.events_in,
            p_namespace=namespace,
            p_kinds=[*kinds],
            after_id=after_id,
            p_limit=limit,
        )
        return [_event(row) for row in rows]

    async def latest_events_in(
        self, namespace: str, kinds: Sequence[str], limit: int, *, after_id: int = 0
    ) -> list[Event]:
        """The newest of them, oldest first."""
        rows = await self._session.fetch(
            self._statements.history.latest_events_in,
            p_namespace=namespace,
            p_kinds=[*kinds],
            after_id=after_id,
            p_limit=limit,
        )
        return [_event(row) for row in reversed(rows)]

    async def decisions(self, uid: str, limit: int) -> list[dict[str, Any]]:
        """The placement decisions of a resource, newest first."""
        rows = await self._session.fetch(self._statements.decisions, p_uid=uid, p_limit=limit)
        return [{**row[0], "id": row[1]} for row in rows]

    async def decision_heads(self, uid: str, limit: int) -> list[dict[str, Any]]:
        """What came of the placement decisions of a resource, newest first, without the candidates."""
        rows = await self._session.fetch(self._statements.history.decision_heads, p_uid=uid, p_limit=limit)
        return [dict(zip(_HEAD_FIELDS, row, strict=True)) for row in rows]

    async def decision(self, uid: str, number: int) -> dict[str, Any] | None:
        """One placement decision of a resource; None where it is not kept, or is another one's."""
        rows = await self._session.fetch(self._statements.history.decision, p_uid=uid, p_id=number)
        return {**rows[0][0], "id": number} if rows else None


def _event(row: list[Any]) -> Event:
    values = dict(zip(_EVENT_FIELDS, row, strict=True))
    return Event(**{**values, "namespace": values["namespace"] or None})

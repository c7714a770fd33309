"""Writing to the store: everything in one transaction, every change with its revision and its event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson

from krake.models.kinds import WITHOUT_LIFECYCLE
from krake.resources import observation_applies
from krake.store.errors import AlreadyExists, RevisionConflict
from krake.store.generations import with_last_good
from krake.store.records import NewEvent, Record
from krake.store.revising import RevisionWrites
from krake.store.rows import index_columns, row_of
from krake.store.transitions import transition

Document = dict[str, Any]

_AGES = frozenset({"observed_at", "confirmed_at"})
"""Fields of an observation that say nothing but when it was made."""


def _plain(changes: Mapping[str, Any]) -> Document:
    """The changes as they will be read back, so that comparing finds what is really new."""
    document: Document = orjson.loads(orjson.dumps(changes))
    return document


class Transaction(RevisionWrites):
    """One write transaction. It holds the store's write lock: keep it short and free of other I/O.

    What it read stays as it is until it commits, so that reading, deciding and writing is safe.
    """

    async def create(
        self,
        kind: str,
        namespace: str,
        name: str,
        *,
        labels: dict[str, str],
        spec: Document,
        status: Document,
        event: NewEvent,
        uid: str | None = None,
        owners: list[Document] | None = None,
        finalizers: list[str] | None = None,
        inherit_labels: bool = False,
    ) -> Record:
        """Store a new resource with generation 1.

        Raises:
            AlreadyExists: the name, or the uid, is taken.
        """
        revision = await self._bump(kind)
        now = datetime.now(UTC)
        record = Record(
            uid=uid or str(uuid4()),
            kind=kind,
            namespace=namespace,
            name=name,
            labels=labels,
            spec=spec,
            status=_plain(status),
            observation={},
            generation=1,
            revision=revision,
            created_revision=revision,
            created=now,
            modified=now,
            deleted=None,
            owners=owners or [],
            finalizers=finalizers or [],
            inherit_labels=inherit_labels,
        )
        if not await self._session.fetch(self._statements.create, **row_of(record), **index_columns(record)):
            raise AlreadyExists.of(kind, namespace, name)
        await self.add_event(record, event)
        await self._keep_generation(record, event)
        return self._seen(record)

    async def update_spec(
        self,
        record: Record,
        *,
        labels: dict[str, str],
        spec: Document,
        event: NewEvent,
        inherit_labels: bool | None = None,
        expected_revision: int | None = None,
        force_generation: bool = False,
    ) -> Record:
        """Change what is desired: the next generation. Nothing is written when nothing differs.

        Args:
            record: the resource; any copy of it.
            labels: all labels it is to have.
            spec: the whole spec it is to have.
            event: remembered when something is written.
            inherit_labels: whether it has the labels of its cloud; None leaves that as it is.
            expected_revision: only change this revision.
            force_generation: make a new generation even without a difference, because a secret changed.

        Raises:
            RevisionConflict: the stored revision is not the expected one.
            NotFound: the resource has been removed.
        """
        current = await self._reload(record)
        if expected_revision is not None and expected_revision != current.revision:
            raise RevisionConflict(
                f"{current.kind} '{current.name}' was changed meanwhile",
                why=f"Its revision is {current.revision}, not {expected_revision}",
                fix="Get it again and repeat the change",
            )
        inherits = current.inherit_labels if inherit_labels is None else inherit_labels
        same = (labels, spec, inherits) == (current.labels, current.spec, current.inherit_labels)
        if same and not force_generation:
            return current
        changed = replace(
            current,
            labels=labels,
            spec=spec,
            inherit_labels=inherits,
            generation=current.generation + 1,
            modified=datetime.now(UTC),
        )
        await self._keep_generation(changed, event)
        return await self._write(changed, event)

    async def set_ownership(
        self, record: Record, owners: list[Document], finalizers: list[str], event: NewEvent
    ) -> Record:
        """Change owners and finalizers: nothing of it is work for the lifecycle, so the generation stays.

        Raises:
            NotFound: the resource has been removed.
        """
        current = await self._reload(record)
        if (owners, finalizers) == (current.owners, current.finalizers):
            return current
        changed = replace(current, owners=owners, finalizers=finalizers, modified=datetime.now(UTC))
        return await self._write(changed, event)

    async def mark_deleted(self, record: Record, event: NewEvent, *, stay: bool = False) -> Record:
        """Mark the resource for deletion, which its lifecycle carries out; a second time does nothing.

        A resource without a lifecycle is removed at once, unless it has to `stay` until others are gone.

        Raises:
            NotFound: the resource has been removed.
        """
        current = await self._reload(record)
        if current.deleted is not None:
            return current
        marked = replace(current, deleted=datetime.now(UTC), generation=current.generation + 1)
        if marked.kind in WITHOUT_LIFECYCLE and not stay:
            await self.remove(self._seen(marked), replace(event, type="Deleted"))
            return marked
        return await self._write(marked, event)

    async def write_status(self, record: Record, changes: Document, event: NewEvent | None = None) -> Record:
        """Set fields of the status. Without a difference only the event is stored.

        A change of state without an event gets one, and what the status says of the present generation is
        kept with it.

        Raises:
            NotFound: the resource has been removed.
        """
        current = await self._reload(record)
        status = {**current.status, **_plain(changes)}
        if status == current.status:
            if event is not None:
                await self.add_event(current, event)
            return current
        changed = replace(current, status=with_last_good(current, status))
        await self._judge_generation(current, changed)
        return await self._write(changed, event or transition(current, changed))

    async def write_observation(
        self, record: Record, changes: Document, event: NewEvent | None = None
    ) -> Record:
        """Set fields of the observation. A new `observed_at` or `confirmed_at` alone is no news to watchers:
        it is stored under the same revision, unless it makes the observation count.

        Raises:
            NotFound: the resource has been removed.
        """
        current = await self._reload(record)
        observation = {**current.observation, **_plain(changes)}
        if observation == current.observation:
            if event is not None:
                await self.add_event(current, event)
            return current
        changed = replace(current, observation=observation)
        news = {key for key in observation if observation[key] != current.observation.get(key)}
        quiet = news <= _AGES and observation_applies(changed) == observation_applies(current)
        return await self._write(changed, event or transition(current, changed), quiet=quiet)

    async def remove(self, record: Record, event: NewEvent) -> None:
        """Remove the resource and its secrets. Watchers still learn of it; events and decisions stay.

        Raises:
            NotFound: the resource has been removed before.
        """
        current = await self._reload(record)
        gone = replace(current, revision=await self._bump(current.kind))
        await self._session.fetch(self._statements.remove, p_uid=gone.uid)
        await self._reserve(current, None)
        await self._session.fetch(self._statements.bury, **row_of(gone), removed=datetime.now(UTC))
        await self.add_event(gone, event)
        self._current.pop(gone.uid, None)

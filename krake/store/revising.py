"""Writing the row of a resource: under a new revision, with its event and what is reserved for it."""

from __future__ import annotations

from dataclasses import replace

from krake.secrets import Cipher
from krake.store.accompanying import AccompanyingWrites
from krake.store.belonging import reservations_of
from krake.store.engine import Session
from krake.store.errors import NotFound
from krake.store.records import NewEvent, Record
from krake.store.rows import index_columns, row_of
from krake.store.statements import Statements


class RevisionWrites(AccompanyingWrites):
    """What every change of a resource within a transaction comes down to."""

    def __init__(self, session: Session, statements: Statements, cipher: Cipher) -> None:
        super().__init__(session, statements, cipher)
        self._current: dict[str, Record] = {}
        self.revision = 0
        """The newest revision this transaction made; 0 while it made none."""
        self.kinds: set[str] = set()
        """The kinds of the resources that it wrote."""

    async def _bump(self, kind: str) -> int:
        self.kinds.add(kind)
        self.revision = int((await self._session.fetch(self._statements.bump))[0][0])
        return self.revision

    async def _reload(self, record: Record) -> Record:
        """The resource as this transaction knows it; the caller's copy may be from before."""
        current = self._current.get(record.uid) or await self.get_by_uid(record.uid)
        if current is None:
            raise NotFound.of(record.kind, record.namespace, record.name)
        return current

    async def _write(self, record: Record, event: NewEvent | None, *, quiet: bool = False) -> Record:
        if not quiet:
            record = replace(record, revision=await self._bump(record.kind))
        columns = {f"n_{name}": value for name, value in {**row_of(record), **index_columns(record)}.items()}
        await self._session.fetch(self._statements.write, p_uid=record.uid, **columns)
        await self._reserve(self._current.get(record.uid), record)
        if event is not None:
            await self.add_event(record, event)
        return self._seen(record)

    async def _reserve(self, before: Record | None, after: Record | None) -> None:
        """Keep the sums of what is reserved in step with the application."""
        old, new = reservations_of(before), reservations_of(after)
        for cluster_uid, dimension in sorted({*old, *new}):
            key = (cluster_uid, dimension)
            change = new.get(key, 0) - old.get(key, 0)
            if change:
                await self._session.fetch(
                    self._statements.placement.reserve,
                    cluster_uid=cluster_uid,
                    dimension=dimension,
                    amount=change,
                )

    def _seen(self, record: Record) -> Record:
        self._current[record.uid] = record
        return record

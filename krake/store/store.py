"""The store: what should be and what is."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Self

from krake.secrets import Cipher
from krake.store.audit import AuditTrail, audited
from krake.store.engine import MAXIMUM, Database, open_database
from krake.store.errors import TooOld
from krake.store.generations import GENERATIONS_KEPT
from krake.store.history import HistoryReads
from krake.store.narrowing import PARAMETER, Wanted, parameter
from krake.store.records import Change, Changes, ChangeType, Listing, Record
from krake.store.tokens import Tokens
from krake.store.transaction import Transaction
from krake.store.vault import Vault
from krake.store.watcher import Watcher

# The method `list` hides the type inside of the class.
Records = list[Record]

_LAST = "\U0010ffff"
"""Greater than every name."""


class Store(HistoryReads):
    """Resources, their events, decisions and secrets, in SQLite or PostgreSQL.

    Every method raises `Unavailable` when the database cannot be reached or is too busy, and
    `SchemaMismatch` when its tables do not fit this release. Reads are one statement each, hence consistent
    in themselves.
    """

    def __init__(
        self, database: Database, cipher: Cipher, *, generations_kept: int = GENERATIONS_KEPT
    ) -> None:
        super().__init__(database, database.statements, cipher)
        self._database = database
        self._generations_kept = generations_kept
        self._watcher = Watcher(self.revision)
        self.audit = AuditTrail(database)
        self.vault = Vault(database, cipher)
        self.commits: Counter[str] = Counter()
        """How many transactions of this process wrote resources of each kind."""
        self.tokens = Tokens(database)

    @classmethod
    def open(cls, url: str, cipher: Cipher, *, generations_kept: int = GENERATIONS_KEPT) -> Store:
        """The store of a URL; it connects when it is first used.

        Args:
            url: `sqlite+aiosqlite:///PATH` or `postgresql+asyncpg://USER:PASSWORD@HOST/DATABASE`.
            cipher: encrypts and decrypts secrets.
            generations_kept: how many generations of one resource are kept, besides the last good one.

        Raises:
            StoreError: the URL is malformed or of an unknown database.
        """
        return cls(open_database(url), cipher, generations_kept=generations_kept)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections. A process that used the store does not end without."""
        await self._watcher.close()
        await self._database.close()

    async def ping(self) -> None:
        """Return when the database answers."""
        await self.revision()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A write transaction: committed at the end of the block, rolled back on an error.

        The first one of a request that changes something holds the request's audit entry as well.
        """
        async with self._database.transaction() as session:
            transaction = Transaction(session, self._statements, self._cipher)
            transaction.generations_kept = self._generations_kept
            yield transaction
            request = audited.get() if transaction.revision else None
            entry = request.due() if request else None
            if entry is not None:
                await self.audit.write_in(session, entry)
        if request is not None and entry is not None:
            request.committed()
        if transaction.revision:
            self.commits.update(transaction.kinds)
            self._watcher.publish(transaction.revision)

    async def list(
        self,
        kind: str,
        namespace: str | None = None,
        *,
        limit: int | None = None,
        after: str | None = None,
        within: Collection[str] | None = None,
        wanted: Sequence[Wanted] = (),
    ) -> Listing:
        """Resources by namespace and name.

        Args:
            kind: the kind of resources.
            namespace: only these; all where it is None.
            limit: how many at most.
            after: `continue_after` of the page before.
            within: only of these namespaces, where `namespace` is not given; None for all.
            wanted: only those that fulfil all of these requirements.
        """
        after_namespace, _, after_name = (after or "").partition("/")
        if namespace is not None and after_namespace != namespace:
            # The page before ended elsewhere: all of the namespace comes after it, or nothing.
            after_name = "" if after_namespace < namespace else _LAST
        values: dict[str, Any] = {
            "p_kind": kind,
            "p_namespace": namespace,
            "after_namespace": after_namespace,
            "after_name": after_name,
            "p_limit": MAXIMUM if limit is None else limit + 1,
        }
        known = self._statements.listing
        if wanted:
            values[PARAMETER] = parameter(wanted)
        if namespace is not None:
            statement = known.narrow_namespace if wanted else known.list_namespace
        elif within is not None:
            statement = known.narrow_within if wanted else known.list_within
            values["p_within"] = sorted(within)
        else:
            statement = known.narrow_all if wanted else known.list_all
        rows = await self._database.fetch(statement, **values)
        if rows:
            return _page(rows, limit, int(rows[0][0]))
        # No row carries the revision. One from before a second look cannot hide a change.
        revision = await self.revision()
        return _page(await self._database.fetch(statement, **values), limit, revision)

    async def changes(self, kind: str, namespace: str | None, since: int) -> Changes:
        """What changed after a revision, each resource once, in the order of the last changes.

        Raises:
            TooOld: removals after that revision have been forgotten, or it is not of this database.
        """
        known = self._statements.listing
        statement = known.changes_all if namespace is None else known.changes_namespace
        rows = await self._database.fetch(statement, p_kind=kind, p_namespace=namespace, p_since=since)
        newest, pruned = rows[0][:2]
        if since < pruned or since > newest:
            raise TooOld(
                f"The changes since revision {since} are not known",
                why=f"Known are those from revision {pruned} to {newest}",
                fix="List again and watch from the list's revision",
            )
        return Changes([_change(row, since) for row in rows if row[2] is not None], newest)

    async def revision(self) -> int:
        """The revision of the newest commit."""
        return int((await self._database.fetch(self._statements.revision))[0][0])

    async def newest_of(self, first: str, second: str) -> tuple[int | None, ...]:
        """The revisions of the last changes and removals of two kinds: different where anything happened."""
        kinds = {"p_kind_0": first, "p_kind_1": second}
        return tuple((await self._database.fetch(self._statements.listing.newest_of_two, **kinds))[0])

    async def wait_for_change(self, since: int, timeout: float) -> int:
        """The newest revision, as soon as it is larger than `since`, or after `timeout` seconds."""
        return await self._watcher.wait(since, timeout)

    async def count_by_state(self, kind: str) -> dict[str, int]:
        """How many resources of the kind are in each state, whatever the age of the observations."""
        rows = await self._database.fetch(self._statements.states, p_kind=kind)
        return dict(rows)

    async def confirmations(self) -> dict[str, datetime]:
        """By uid of each cluster that was ever reached: when what runs on it was confirmed last."""
        rows = await self._database.fetch(self._statements.confirmations, p_kind="Cluster")
        moments = {uid: [datetime.fromisoformat(text) for text in texts if text] for uid, *texts in rows}
        return {uid: max(found) for uid, found in moments.items() if found}

    async def unobserved(self, limit: int) -> Records:
        """Resources with something left to do: marked for deletion, or of a generation not yet acted on."""
        rows = await self._database.fetch(self._statements.unobserved, p_limit=limit)
        return [Record(*row) for row in rows]

    async def prune(self, before: datetime) -> None:
        """Forget removals before this moment, and the whole history of what was removed before it."""
        async with self._database.transaction() as session:
            for statement in (
                self._statements.pruning.forget,
                self._statements.pruning.tombstones,
                self._statements.pruning.events,
                self._statements.pruning.decisions,
                self._statements.pruning.generations,
                self._statements.pruning.reserved,
            ):
                await session.fetch(statement, before=before)


def _page(rows: list[list[Any]], limit: int | None, revision: int) -> Listing:
    """The page that the rows make; one row more than the limit tells that there is another page."""
    items = [Record(*row[1:]) for row in rows]
    if limit is None or len(items) <= limit:
        return Listing(items, revision, None)
    items = items[:limit]
    return Listing(items, revision, f"{items[-1].namespace}/{items[-1].name}" if items else None)


def _change(row: list[Any], since: int) -> Change:
    record = Record(*row[3:])
    if row[2]:
        return Change(ChangeType.DELETED, record)
    return Change(ChangeType.ADDED if record.created_revision > since else ChangeType.MODIFIED, record)

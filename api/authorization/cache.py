"""The newest policy, read again only when a role or binding has changed."""

from __future__ import annotations

import asyncio
import time

from api.authorization.policy import Policy
from krake.models.kinds import ROLE, ROLE_BINDING
from krake.store.store import Store

CHECK_SECONDS = 0.5
"""How long the policy is used before the database is asked whether another process has changed it."""


class PolicyCache:
    """Keeps the policy of a store current.

    A change that this process made counts from the next request on; one of another process after
    `CHECK_SECONDS` at most. All that costs is one small query in that time.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._policy: Policy | None = None
        self._revisions: tuple[int | None, ...] = ()
        self._commits = -1
        self._checked = float("-inf")
        self._lock = asyncio.Lock()

    def fresh(self) -> Policy | None:
        """The policy, where it can be used without asking the database."""
        if self._commits != self._written() or time.monotonic() - self._checked >= CHECK_SECONDS:
            return None
        return self._policy

    async def current(self) -> Policy:
        """The policy as it is now.

        Raises:
            Unavailable: the store does not answer; what was known before may not be true any more.
        """
        async with self._lock:
            return self.fresh() or await self._look()

    async def _look(self) -> Policy:
        # Taken before the reads: whatever happens during them is found by the next look.
        commits, now = self._written(), time.monotonic()
        revisions = await self._store.newest_of(ROLE.name, ROLE_BINDING.name)
        if self._policy is None or revisions != self._revisions:
            roles, bindings = await self._store.list(ROLE.name), await self._store.list(ROLE_BINDING.name)
            self._policy = Policy(roles.items, bindings.items)
        self._revisions, self._commits, self._checked = revisions, commits, now
        return self._policy

    def _written(self) -> int:
        commits = self._store.commits
        return commits[ROLE.name] + commits[ROLE_BINDING.name]

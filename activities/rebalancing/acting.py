"""Having done what a pass found: moves are asked for, and who waits is woken."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from temporalio.client import Client

from activities.rebalancing.members import Member
from activities.rebalancing.reading import HOUR, REBALANCER
from activities.rebalancing.wishes import Wish
from krake import temporal
from krake.messages.base import Target
from krake.moves import drop_request, held_back, is_deployed, migration_of, request_migration, request_of
from krake.settings import Settings
from krake.store import NewEvent, Record, Store, Transaction

_BATCH = 50
"""Moves that are asked for in one transaction, which keeps other writers waiting."""
_WAKES = 16
"""Wake-ups that are sent at the same time."""


class Acting:
    """Asks for moves, each only if it is still to be made.

    A pass that died half-way and is repeated, or two at the same time, ask for none twice and keep to the
    budgets.
    """

    def __init__(self, store: Store, client: Client, settings: Settings) -> None:
        self._store = store
        self._client = client
        self._settings = settings
        self._waking = asyncio.Semaphore(_WAKES)

    async def act(self, wishes: Sequence[Wish], now: datetime) -> list[str]:
        """Do what is wished at the moment of the pass; says for each what came of it."""
        outcomes = {id(wish): "woken" for wish in wishes}
        asked = [wish for wish in wishes if not wish.only_wakes]
        for start in range(0, len(asked), _BATCH):
            batch = asked[start : start + _BATCH]
            for wish, outcome in zip(batch, await self._ask(batch, now), strict=True):
                outcomes[id(wish)] = outcome
        due = [wish for wish in wishes if outcomes[id(wish)] in ("woken", "asked for")]
        await asyncio.gather(*(self._wake(wish.member.target, wish.trigger) for wish in due))
        return [outcomes[id(wish)] for wish in wishes]

    async def excuse(self, members: Sequence[Member]) -> None:
        """Take back that applications have to leave their clusters."""
        for member in members:
            async with self._store.transaction() as transaction:
                record = await transaction.get_by_uid(member.target.uid)
                if record is None or not _is_stuck(record):
                    continue
                event = NewEvent("MigrationDropped", "it may stay on its cluster", REBALANCER)
                await drop_request(transaction, record, event)
            await self._wake(member.target, "it may stay on its cluster")

    async def _ask(self, wishes: Sequence[Wish], now: datetime) -> list[str]:
        async with self._store.transaction() as transaction:
            budget = await _Budget.read(transaction, self._settings, now)
            return [await _ask_one(transaction, wish, budget, now) for wish in wishes]

    async def _wake(self, target: Target, cause: str) -> None:
        async with self._waking:
            await temporal.wake(self._client, target, cause)


@dataclass(slots=True)
class _Budget:
    """What is left of the budgets in a transaction: nobody else can use it meanwhile."""

    left: int

    @classmethod
    async def read(cls, transaction: Transaction, settings: Settings, now: datetime) -> _Budget:
        begun = sum((await transaction.asked_to_move(REBALANCER, now - HOUR)).values())
        moving = await transaction.count_moving()
        return cls(min(settings.rebalance_parallel - moving, settings.rebalance_per_hour - begun))


async def _ask_one(transaction: Transaction, wish: Wish, budget: _Budget, now: datetime) -> str:
    record = await transaction.get_by_uid(wish.member.target.uid)
    if record is None or not _is_as_it_was(record, wish):
        return "left alone: it has changed meanwhile"
    if not wish.must_leave and (why := held_back(record, now)):
        return f"left alone: {why}"
    if not wish.stranded and budget.left < 1:
        return "left alone: the budget is used up meanwhile"
    await request_migration(
        transaction,
        record,
        cluster=wish.cluster,
        leave=wish.must_leave,
        trigger=wish.trigger,
        actor=REBALANCER,
        cause=REBALANCER,
    )
    budget.left -= 0 if wish.stranded else 1
    return "asked for"


def _is_as_it_was(record: Record, wish: Wish) -> bool:
    """Whether the plan still speaks of what is."""
    idle = migration_of(record) is None and request_of(record) is None and record.deleted is None
    there = is_deployed(record) and record.status.get("scheduled_uid") == wish.source_uid
    return idle and there and record.generation == wish.member.generation


def _is_stuck(record: Record) -> bool:
    request = request_of(record)
    waits = request is not None and (request.parked or request.not_before is not None)
    return waits and request is not None and request.actor == REBALANCER and migration_of(record) is None

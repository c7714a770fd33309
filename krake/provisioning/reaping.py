"""Removing clouds and infrastructure providers that were deleted together with the clusters made there."""

from __future__ import annotations

from krake.models.kinds import INFRASTRUCTURE_PROVIDERS, PLACES
from krake.store import NewEvent, Transaction
from krake.usage import users_of


async def reap(transaction: Transaction) -> None:
    """Remove those that are marked as deleted and used by nothing any more; providers after their clouds."""
    for kind in (*PLACES, *INFRASTRUCTURE_PROVIDERS):
        for record in await transaction.all_of(kind.name):
            if record.deleted is None or await users_of(transaction, record):
                continue
            cause = await transaction.latest_cause(record.uid, "DeletionRequested")
            await transaction.remove(record, NewEvent("Deleted", "nothing uses it any more", cause=cause))

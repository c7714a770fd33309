"""The store: resources with what is desired and what is, events, decisions and encrypted secrets."""

from __future__ import annotations

from krake.store.errors import (
    AlreadyExists,
    NotFound,
    RevisionConflict,
    SchemaMismatch,
    StoreError,
    TooOld,
    Unavailable,
)
from krake.store.generations import Generation, Outcome
from krake.store.records import Change, Changes, ChangeType, Listing, NewEvent, Record
from krake.store.store import Store
from krake.store.transaction import Transaction

__all__ = [
    "AlreadyExists",
    "Change",
    "ChangeType",
    "Changes",
    "Generation",
    "Listing",
    "NewEvent",
    "NotFound",
    "Outcome",
    "Record",
    "RevisionConflict",
    "SchemaMismatch",
    "Store",
    "StoreError",
    "TooOld",
    "Transaction",
    "Unavailable",
]

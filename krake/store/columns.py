"""What several groups of statements name: the columns of a record, and parameters of their types."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, bindparam

from krake.store.tables.resources import resources
from krake.store.types import Key

RECORD = (
    "uid",
    "kind",
    "namespace",
    "name",
    "labels",
    "spec",
    "status",
    "observation",
    "generation",
    "revision",
    "created_revision",
    "created",
    "modified",
    "deleted",
    "owners",
    "finalizers",
    "inherit_labels",
)
"""The columns that make a `Record`, in the order of its fields."""

record = [resources.c[name] for name in RECORD]
"""The same columns of the table of resources."""


def key(name: str) -> Any:
    """A parameter that is a name, a namespace or a kind."""
    return bindparam(name, type_=Key)


def number(name: str) -> Any:
    """A parameter that is a number."""
    return bindparam(name, type_=BigInteger())

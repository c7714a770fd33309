"""Column types that mean the same in SQLite and PostgreSQL."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import JSON, BigInteger, DateTime, Double, Integer, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from krake.store.errors import StoreError

_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


class Moment(TypeDecorator[datetime]):
    """A moment in UTC: `timestamptz` in PostgreSQL, sortable ISO 8601 text in SQLite."""

    impl = String(32)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column type of the database."""
        return dialect.type_descriptor(
            DateTime(timezone=True) if dialect.name == "postgresql" else String(32)
        )

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """The moment as the driver takes it."""
        if value is None or dialect.name == "postgresql":
            return value
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """The moment from what the driver gives."""
        return datetime.fromisoformat(value) if isinstance(value, str) else value


class Real(TypeDecorator[float]):
    """A number with double precision, as both drivers give it."""

    impl = Double
    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> None:
        """Nothing is to be converted; SQLAlchemy's own conversion wants the column type of an open cursor."""


Document = JSON().with_variant(JSONB(), "postgresql")
"""A JSON document."""

Key = String(255).with_variant(String(255, collation="C"), "postgresql")
"""A name; sorted by code point in both databases, so that lists and pages have one order."""

Serial = BigInteger().with_variant(Integer(), "sqlite")
"""A number that the database counts up."""


def to_json(document: Any) -> str:
    """The document as JSON text.

    Raises:
        StoreError: a text inside holds a NUL character, which PostgreSQL cannot keep.
    """
    text = orjson.dumps(document).decode()
    if "\\u0000" in text and _NUL.search(text):
        raise StoreError(
            "A text holds a NUL character (\\u0000), which cannot be stored",
            fix="Remove the character, or encode the value, for instance as base64",
        )
    return text

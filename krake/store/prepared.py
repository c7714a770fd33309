"""Statements compiled once, with the conversions of their parameters and columns.

SQLAlchemy describes the tables and writes the SQL of each database; executing goes to the driver directly:
one hop to SQLite's thread or one round trip to PostgreSQL, where an `AsyncConnection` needs several.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import Delete, Insert, Select, Update
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.types import TypeEngine

from krake.store.types import to_json

Row = Sequence[Any]
Statement = Select[Any] | Insert | Update | Delete
_Convert = Callable[[Any], Any]


def sqlite_dialect() -> Dialect:
    """How SQL is written for SQLite."""
    return SQLiteDialect_aiosqlite(json_serializer=to_json, json_deserializer=orjson.loads)


def postgres_dialect() -> Dialect:
    """How SQL is written for PostgreSQL."""
    dialect: Callable[..., Dialect] = PGDialect_asyncpg
    return dialect(json_serializer=to_json, json_deserializer=orjson.loads)


def _encoder(type_: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _decoder(type_: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    return type_.dialect_impl(dialect).result_processor(dialect, None)


class Prepared:
    """One statement, ready for a database's driver."""

    __slots__ = ("_decoders", "_parameters", "sql")

    def __init__(self, statement: Statement, dialect: Dialect) -> None:
        assert isinstance(dialect, DefaultDialect)
        compiled = statement.compile(dialect=dialect)
        self.sql = str(compiled)
        self._parameters = [
            (name, compiled.params[name], _encoder(compiled.binds[name].type, dialect))
            for name in compiled.positiontup or ()
        ]
        columns = statement.exported_columns
        decoders = [_decoder(column.type, dialect) for column in columns]
        self._decoders = [(index, decode) for index, decode in enumerate(decoders) if decode]

    def encode(self, values: dict[str, Any]) -> list[Any]:
        """The parameters in the order the driver wants them."""
        return [
            encode(values.get(name, default)) if encode else values.get(name, default)
            for name, default, encode in self._parameters
        ]

    def decode(self, rows: Iterable[Row]) -> list[list[Any]]:
        """The rows with every value as Python type."""
        decoded = [list(row) for row in rows]
        for index, decode in self._decoders:
            for row in decoded:
                row[index] = decode(row[index])
        return decoded

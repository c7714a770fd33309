"""Lists that are narrowed by labels and names inside of the database, so that only what is wanted leaves it.

All requirements are one parameter: the statement is the same for every selector, and compiled once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.engine import Dialect

from krake.store.types import Document

PARAMETER = "p_wanted"

_SQLITE = """\
NOT EXISTS (
    SELECT 1 FROM json_each(:p_wanted) AS q
    WHERE (CASE WHEN json_extract(q.value, '$.values') IS NULL
        THEN {value} IS NOT NULL
        ELSE EXISTS (SELECT 1 FROM json_each(q.value, '$.values') AS w WHERE w.value = {value})
    END) <> json_extract(q.value, '$.wanted'))"""
_SQLITE_VALUE = """\
CASE json_extract(q.value, '$.of')
    WHEN 'labels' THEN json_extract(resources.labels, '$."' || json_extract(q.value, '$.key') || '"')
    WHEN 'name' THEN resources.name
    WHEN 'namespace' THEN nullif(resources.namespace, '')
    ELSE resources.uid END"""
_POSTGRES = """\
NOT EXISTS (
    SELECT 1 FROM jsonb_array_elements(:p_wanted) AS q
    WHERE (CASE WHEN jsonb_typeof(q -> 'values') = 'null'
        THEN {value} IS NOT NULL
        ELSE coalesce((q -> 'values') ? {value}, false)
    END) <> CAST(q ->> 'wanted' AS boolean))"""
_POSTGRES_VALUE = """\
(CASE q ->> 'of'
    WHEN 'labels' THEN resources.labels ->> (q ->> 'key')
    WHEN 'name' THEN resources.name
    WHEN 'namespace' THEN nullif(resources.namespace, '')
    ELSE resources.uid END)"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One requirement on a label, or on what resources are called."""

    of: str
    """`labels`, `name`, `namespace` or `uid`."""
    key: str
    """The label's key; checked by whoever asks, because it becomes part of a path."""
    values: tuple[str, ...]
    """The values that are meant; none where it is about being there at all."""
    wanted: bool
    """Whether the value has to be one of them (to be there), or must not."""


def parameter(wanted: Sequence[Wanted]) -> list[dict[str, Any]]:
    """The requirements as the statement takes them."""
    return [
        {"of": one.of, "key": one.key, "values": list(one.values) or None, "wanted": one.wanted}
        for one in wanted
    ]


def narrowed(dialect: Dialect) -> TextClause:
    """The condition that all requirements hold for a row of `resources`."""
    sqlite = dialect.name == "sqlite"
    words = _SQLITE.format(value=_SQLITE_VALUE) if sqlite else _POSTGRES.format(value=_POSTGRES_VALUE)
    return text(words).bindparams(bindparam(PARAMETER, type_=Document))

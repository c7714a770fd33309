"""Columns as JSON."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

Document = dict[str, Any]
Rows = NDArray[np.intp]

_OPTIONS = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_PASSTHROUGH_DATACLASS


def to_json(document: Any) -> bytes:
    """The document as JSON. Columns, sets, tuples with names and constraints become lists and text."""
    return orjson.dumps(document, default=_plain, option=_OPTIONS)


def cut(column: NDArray[Any], rows: Rows | None) -> NDArray[Any]:
    """The column of these rows (None for all), laid out as the encoder wants it."""
    return np.ascontiguousarray(column if rows is None else column[rows])


def codes_of(codes: NDArray[np.int32], different: int, rows: Rows | None) -> NDArray[np.int32] | None:
    """Which of so many different values each row has; nothing where there is only one."""
    return None if different < 2 else cut(codes, rows)


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return list(value)
    return str(value)

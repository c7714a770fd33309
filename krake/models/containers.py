"""Containers with a `type` and one part of that name: `{type: im, im: {…}}`."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from pydantic_core import PydanticCustomError


def of_known_type(error: str, known: Collection[str]) -> Callable[[Any], Any]:
    """A check to be made before the part is looked at, so that a wrong type is told in one plain sentence.

    Args:
        error: the name of the error.
        known: the types that there are.
    """

    def check(value: Any) -> Any:
        kind = value.get("type") if isinstance(value, dict) else None
        if isinstance(value, dict) and (not isinstance(kind, str) or kind not in known):
            what = "The field 'type' is required." if kind is None else f"Unknown type {kind!r:.60}."
            raise PydanticCustomError(
                error, "{what} There are: {known}", {"what": what, "known": ", ".join(known)}
            )
        return value

    return check

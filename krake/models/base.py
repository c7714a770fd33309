"""What every model shares: strict fields, and fields of later releases refused with a clear word."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict
from pydantic_core import PydanticCustomError

from krake.models.descriptions import Described


class Model(Described):
    """Base of everything a user may send: an unknown field is an error that names it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Answer(Described):
    """Base of everything only the server writes: unknown fields of newer servers are tolerated."""

    model_config = ConfigDict(extra="ignore")


def _refuse_content(value: Any) -> Any:
    if value:
        raise PydanticCustomError(
            "not_available",
            "This release does not act on this field yet; leave it out or empty",
        )
    return value


NotAvailable = AfterValidator(_refuse_content)
"""Accepts the empty default that upstream's clients send and refuses all that would ask for behaviour."""

EmptyList = Annotated[list[Any], NotAvailable]
EmptyDict = Annotated[dict[str, Any], NotAvailable]
Never = Annotated[Any, NotAvailable]
OnlyFalse = Annotated[bool, NotAvailable]

MAX_BACKOFF = 100
"""Largest factor between two delays."""
MAX_SECONDS = 7 * 24 * 3600
"""Longest delay or timeout that a resource may ask for: durations beyond reason overflow in a workflow."""
MAX_RETRIES = 1_000_000
"""Largest finite number of retries."""

Timestamp = datetime
"""A moment with time zone, UTC."""

"""Whether a change of an application makes it move."""

from __future__ import annotations

from krake.moves import is_deployed
from krake.store import Record
from scheduler.decide import Outcome


def leaves(record: Record, decision: Outcome) -> bool:
    """Whether the application should run on another cluster than the one that it is on."""
    chosen = decision.chosen
    return chosen is not None and is_deployed(record) and chosen.uid != record.status["scheduled_uid"]

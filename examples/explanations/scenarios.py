"""All situations, in the order of the page."""

from __future__ import annotations

from examples.explanations.matching import MATCHING
from examples.explanations.room import ROOM
from examples.explanations.standing import STANDING
from examples.explanations.winning import WINNING

SCENARIOS = (*WINNING, *STANDING, *MATCHING, *ROOM)

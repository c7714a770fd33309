"""What the workflow that shuts an application down says to its activities and to whoever started it."""

from __future__ import annotations

from krake.messages.base import Message, Target
from krake.models.hooks import ShutdownPurpose

CONFIRMED_SIGNAL = "shutdown_confirmed"
"""Says that the store may have a confirmation; the workflow looks there."""


class Shutdown(Message):
    """The shutdown of an application's copy on one cluster."""

    target: Target
    cluster: Target
    purpose: ShutdownPurpose
    generation: int = 0


class ShutdownAttempt(Message):
    """One of the times that the application is asked."""

    shutdown: Shutdown
    attempt: int = 1


class ShutdownTerms(Message):
    """How long one attempt waits, and how many there are; or that there is nothing to wait for."""

    settled: bool = False
    confirmed: bool = False
    message: str = ""
    grace: int = 0
    """Seconds."""
    attempts: int = 1
    deadline: str = ""


class ShutdownEnd(Message):
    """That the waiting is over."""

    shutdown: Shutdown
    attempts: int = 1
    trouble: str = ""
    """Why it was given up before its time."""


class ShutdownOutcome(Message):
    """What came of it: whether the application confirmed, and whether its objects may be removed."""

    confirmed: bool
    proceed: bool
    message: str = ""


def shutdown_id(target: Target) -> str:
    """Id of the workflow that shuts an application down."""
    return f"{target.workflow_id}/shutdown"

"""Hooks: what an application tells Krake (`complete`), and what Krake asks of it first (`shutdown`)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from krake.models.base import MAX_SECONDS, Answer, Timestamp
from krake.models.metadata import ResourceRef

MAX_SHUTDOWN_RETRIES = 1000
"""Largest number of further requests to shut down."""


class HookName(StrEnum):
    """The hooks that an application can ask for."""

    COMPLETE = "complete"
    """The application says that its work is done: it is deleted."""
    SHUTDOWN = "shutdown"
    """The application is asked to shut down, and confirms, before it is deleted or leaves a cluster."""


class ShutdownFailureStrategy(StrEnum):
    """What happens to an application that does not confirm its shutdown."""

    GIVE_UP = "give_up"
    """It is left as it is, DEGRADED, until somebody retries."""
    DELETE = "delete"
    """Its objects are removed nevertheless."""


class ShutdownPurpose(StrEnum):
    """Why an application has to shut down."""

    DELETE = "delete"
    MIGRATE = "migrate"


class ShutdownState(StrEnum):
    """How far a shutdown has come."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    """Not confirmed; waits for the user."""
    OVERRIDDEN = "overridden"
    """Not confirmed; went on nevertheless."""


class ShutdownStatus(Answer):
    """The application's last shutdown."""

    state: ShutdownState
    purpose: ShutdownPurpose
    cluster: ResourceRef
    """The cluster whose copy of the application shuts down."""
    cluster_uid: str
    attempt: int = 1
    attempts: int = 1
    """How often the application is asked at most."""
    deadline: Timestamp | None = None
    """When the waiting of this attempt ends."""
    ended: Timestamp | None = None
    """When the waiting was over."""
    message: str = ""
    """What became of the last request."""
    resume: str = ""
    """The state of the application that the shutdown interrupted."""


class HookCall(Answer):
    """What an application sends to a hook."""

    token: str | None = None
    """The token that Krake put into the application's containers."""


def _once(hooks: list[HookName]) -> list[HookName]:
    return list(dict.fromkeys(hooks))


Hooks = Annotated[list[HookName], AfterValidator(_once)]
GraceTime = Annotated[int, Field(ge=1, le=MAX_SECONDS)]
ShutdownRetries = Annotated[int, Field(ge=0, le=MAX_SHUTDOWN_RETRIES)]

"""What a lifecycle is woken by, asks, is told to do, and says of itself."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from krake.messages.base import Message, Target


class Wake(Message):
    """Why a lifecycle should look at its resource again."""

    cause: str = ""


class Progress(Message):
    """What a workflow is doing now, in words for people."""

    operation: str
    step: str
    since: str = ""
    attempt: int = 1
    cluster: str = ""
    deadline: str = ""
    """When the step ends at the latest, whatever happens."""


class Retry(Message):
    """How often and how fast an operation is repeated: seconds, factor, number of retries (-1: for ever)."""

    delay: int = 1
    factor: int = 1
    limit: int = -1


class Step(StrEnum):
    """What a lifecycle does next."""

    NOTHING = "nothing"
    DEPLOY = "deploy"
    MIGRATE = "migrate"
    DELETE = "delete"
    PROVISION = "provision"
    SCALE = "scale"
    ROTATE = "rotate"
    VERIFY = "verify"
    OBSERVE = "observe"
    WAIT = "wait"


class Ask(Message):
    """The question what a lifecycle should do next. `causes` are the wake-ups since it last asked."""

    target: Target
    causes: list[str] = Field(default_factory=list)


class Plan(Message):
    """The answer: the next step, for which resource and which generation of its spec."""

    step: Step
    target: Target
    generation: int = 0
    trigger: str = ""
    retry: Retry = Retry()
    message: str = ""
    migration: str = ""
    """Id of the move that is to be made or to go on."""
    interrupt: bool = False
    """Whether a move that is being made has to be undone: it was cancelled, or something newer came."""
    wait: float = 0
    """Seconds until there is something to do, for a step of waiting."""
    cause: str = ""
    """What led to the step, for the events: a request id, or what was observed."""
    translate: bool = False
    """Whether the manifest has to be made from a TOSCA template or a CSAR archive first."""
    clear: bool = False
    """Whether the cluster's applications have to leave it meanwhile."""
    orphans: int = 0
    """Objects that are still owed to the cluster and are collected before it goes."""
    shutdown_hook: bool = False
    """Whether the application has to be asked to shut down before it is removed from a cluster."""
    deprovision: bool = False
    """Whether something of the cluster is, or may be, at a cloud and has to be removed there."""


class Failure(Message):
    """A failed attempt, for the status. `retry_in` is in seconds; empty when nobody tries again."""

    target: Target
    generation: int
    code: str
    message: str
    retry_in: float | None = None
    retries_left: int | None = None
    cause: str = ""

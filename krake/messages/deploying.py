"""What is said while an application is translated, placed and deployed."""

from __future__ import annotations

from pydantic import Field

from krake.messages.base import Message, Target


class Deployment(Message):
    """A deployment of one generation of an application."""

    target: Target
    generation: int
    trigger: str = ""
    attempt: int = 1
    migration: str = ""
    """Id of the move, where the deployment is one to another cluster."""
    cause: str = ""
    translate: bool = False
    shutdown_hook: bool = False


class Translated(Message):
    """What a translation came to: the number of objects; they themselves are in the store."""

    generation: int = 0
    objects: int = 0


class Placement(Message):
    """Where an application was placed; without a cluster, why nowhere."""

    cluster: Target | None = None
    generation: int = 0
    objects: int = 0
    readiness_timeout: int = 300
    message: str = ""
    moving: bool = False
    """Whether the application has to move instead, which was requested."""


class OnCluster(Message):
    """An application and the cluster on which something is done for it."""

    target: Target
    cluster: Target
    generation: int = 0
    readiness_timeout: int = 300
    cause: str = ""


class Applied(Message):
    """What an apply did, in numbers."""

    applied: int
    pruned: int = 0


class Ready(Message):
    """That everything was ready, and at which addresses the services answer."""

    services: dict[str, str] = Field(default_factory=dict)
    state: str = ""
    health: dict[str, int] = Field(default_factory=dict)
    pruned: int = 0

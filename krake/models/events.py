"""What happened to a resource, and the answers of list and watch routes."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from krake.models.base import Answer, Timestamp


class Event(Answer):
    """One thing that happened: who did what to which resource, and why."""

    id: int
    at: Timestamp
    kind: str
    namespace: str | None = None
    name: str
    uid: str
    type: str
    """What happened, as one word: Created, Scheduled, Deployed, Failed …"""
    message: str = ""
    actor: str = ""
    """The user, or the part of Krake, that did it."""
    cause: str = ""
    """What led to it: a request id or the wake-up's cause."""


class EventList(Answer):
    """Events, oldest first."""

    api: Literal["core"] = "core"
    kind: Literal["EventList"] = "EventList"
    metadata: dict[str, Any] = Field(default_factory=dict)
    items: list[Event]


class WatchEventType(StrEnum):
    """How a watched resource changed; or ERROR, the last line of a stream that may not go on: its object is a
    problem document."""

    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"
    ERROR = "ERROR"


class WatchEvent(Answer):
    """One line of a watch stream."""

    type: WatchEventType
    object: dict[str, Any]


class Operation(Answer):
    """One run of a workflow for a resource, as Temporal knows it."""

    operation: str
    """The workflow's name: Application, DeployApplication, DeleteApplication …"""
    workflow_id: str
    run_id: str
    state: str
    """Temporal's status: RUNNING, COMPLETED, FAILED, CANCELED, TERMINATED, TIMED_OUT."""
    started: Timestamp | None = None
    finished: Timestamp | None = None
    step: str = ""
    """What the run is doing now, where it is running."""


class OperationList(Answer):
    """Runs, newest first."""

    api: Literal["core"] = "core"
    kind: Literal["OperationList"] = "OperationList"
    metadata: dict[str, Any] = Field(default_factory=dict)
    items: list[Operation]

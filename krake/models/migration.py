"""A move of an application from one cluster to another, as the application's status shows it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field

from krake.models.base import Answer, Timestamp
from krake.models.metadata import ResourceRef


class MigrationPhase(StrEnum):
    """How far a move has come. Up to the hand-over it can be cancelled and is undone when it fails; from
    then on it only goes forward."""

    APPLYING = "applying"
    WAITING = "waiting"
    COPYING = "copying"
    HANDED_OVER = "handed-over"
    SHUTTING_DOWN = "shutting-down"
    REMOVING = "removing"
    UNDOING = "undoing"


class MigrationOutcome(StrEnum):
    """How a move ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class MigrationStatus(Answer):
    """The move that is going on: while it lasts both copies are named."""

    id: str
    source: ResourceRef
    source_uid: str
    target: ResourceRef
    target_uid: str
    phase: MigrationPhase = MigrationPhase.APPLYING
    trigger: str = ""
    """What led to the move, in words."""
    leave: bool = False
    """Whether the source is not an alternative, because its cluster is leaving or does not answer."""
    delete_first: bool = False
    started: Timestamp
    cancel_requested: bool = False
    objects: list[dict[str, Any]] = Field(default_factory=list)
    """The objects of the copy that `status.objects` does not speak of: those at the target before the
    hand-over, those left at the source after it."""


class MigrationResult(Answer):
    """The move that ended last."""

    id: str
    source: ResourceRef
    target: ResourceRef
    outcome: MigrationOutcome
    message: str = ""
    """Why it failed or was cancelled; what was left behind."""
    trigger: str = ""
    started: Timestamp
    finished: Timestamp

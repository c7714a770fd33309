"""A move of an application from one cluster to another, as the application's status shows it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from krake.models.base import Answer, Model, Timestamp
from krake.models.metadata import ResourceRef
from krake.models.requests import MigrationStrategy, Request


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


INTERRUPTIBLE = frozenset({MigrationPhase.APPLYING, MigrationPhase.WAITING, MigrationPhase.COPYING})
"""The phases in which a move can be cancelled, and is when something newer is to be done."""


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
    target: ResourceRef | None = None
    """Empty where the application is only removed from its cluster, because it fits nowhere else."""
    target_uid: str = ""
    generation: int = 0
    """The generation of the spec that the target gets."""
    phase: MigrationPhase = MigrationPhase.APPLYING
    trigger: str = ""
    """What led to the move, in words."""
    leave: bool = False
    """Whether the source is not an alternative, because its cluster is leaving or does not answer."""
    delete_first: bool = False
    request: Request
    """What was asked for."""
    started: Timestamp
    cancel_requested: bool = False
    before: dict[str, Any] = Field(default_factory=dict)
    """State, reason and message that the application had when the move began."""
    state: str = ""
    """The state that the application takes when the move is over; known from the hand-over on."""
    outcome: MigrationOutcome | None = None
    """How it ends, once that is clear."""
    code: str = ""
    message: str = ""
    """Why it is being undone."""
    objects: list[dict[str, Any]] = Field(default_factory=list)
    """The objects of the copy that `status.objects` does not speak of: those at the target before the
    hand-over, those left at the source after it."""


class MigrationResult(Answer):
    """The move that ended last."""

    id: str
    source: ResourceRef
    source_uid: str = ""
    target: ResourceRef | None = None
    outcome: MigrationOutcome
    code: str = ""
    """Reason code of a failure."""
    message: str = ""
    """Why it failed or was cancelled; what was left behind."""
    trigger: str = ""
    started: Timestamp
    finished: Timestamp


class MigrationBackoff(Answer):
    """What failed moves leave behind, so that the same one is not tried again at once."""

    failures: int = 0
    """Failed moves in a row."""
    generation: int = 0
    """The generation of the spec that failed: a newer one is another matter."""
    until: Timestamp | None = None
    """When the next automatic move is allowed; empty: not before the spec changes or a user asks."""
    message: str = ""
    """Why no automatic move is made before."""
    targets: list[str] = Field(default_factory=list)
    """Uids of the clusters where it failed, which come last for the next move."""


class MigrationOrder(Model):
    """The body of a request to move an application."""

    cluster: str | None = None
    """Name of the cluster to move to; without one, the best other one."""
    strategy: MigrationStrategy | None = None
    """`create-first` or `delete-first`; without one, what the application's spec says."""
    dry_run: bool = False
    """Only say what would be done."""


class MigrationPlan(Answer):
    """What a move would do; nothing of it is stored."""

    api: Literal["kubernetes"] = "kubernetes"
    kind: Literal["MigrationPlan"] = "MigrationPlan"
    source: ResourceRef
    target: ResourceRef | None = None
    """Empty where no other cluster fits; the decision says why."""
    strategy: MigrationStrategy
    downtime: bool
    """Whether there is a time in which no copy is ready."""
    data: bool
    """Whether the application keeps data in volumes."""
    creates: list[str]
    """Objects that the target gets, in the order of the manifest."""
    removes: list[str]
    """Objects that are removed from the source."""
    decision: dict[str, Any]

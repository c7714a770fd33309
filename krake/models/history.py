"""What was desired of an application before, and returning to it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from krake.models.base import Answer, Model, Timestamp


class RolledBack(Answer):
    """That a failed update was undone: the application runs what it ran before."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    from_: int = Field(alias="from")
    """The generation that failed."""
    to: int
    """The good generation that was returned to."""
    generation: int
    """The new generation that holds the good one's spec and labels."""
    reason: str
    """Why the update failed."""
    at: Timestamp


class GenerationState(StrEnum):
    """What became of a generation."""

    CURRENT = "current"
    """It is what is desired now, and has not failed."""
    GOOD = "good"
    """It became ready, and was replaced by a later one."""
    FAILED = "failed"
    """Its rollout failed for good."""
    SUPERSEDED = "superseded"
    """It was replaced before it was clear whether it becomes ready."""


class GenerationEntry(Answer):
    """One generation in the history of an application."""

    generation: int
    at: Timestamp
    actor: str
    """Who made it."""
    cause: str
    """What led to it: a request id, or the generation that failed."""
    state: GenerationState
    message: str = ""
    """Why it failed."""
    changes: list[str] = Field(default_factory=list)
    """What is different from the kept generation before it, in short."""


class GenerationList(Answer):
    """Generations, newest first."""

    api: Literal["kubernetes"] = "kubernetes"
    kind: Literal["GenerationList"] = "GenerationList"
    metadata: dict[str, Any] = Field(default_factory=dict)
    items: list[GenerationEntry]


class GenerationDetail(GenerationEntry):
    """One generation with the whole spec and all labels."""

    spec: dict[str, Any]
    labels: dict[str, str]


class RollbackRequest(Model):
    """Which generation to return to."""

    generation: Annotated[int, Field(ge=1)] | None = None
    """Its number; the newest good one that differs from what is desired now where it is not given."""

"""What the store keeps and hands out: resources, their changes, and events to be written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Record:
    """One resource. The fields are in the order of the table's columns; documents are plain JSON.

    `namespace` is empty for global kinds. `deleted` is the deletion mark, not the removal. All times are
    UTC and aware.
    """

    uid: str
    kind: str
    namespace: str
    name: str
    labels: dict[str, str]
    spec: dict[str, Any]
    status: dict[str, Any]
    observation: dict[str, Any]
    generation: int
    revision: int
    created_revision: int
    created: datetime
    modified: datetime
    deleted: datetime | None
    owners: list[dict[str, Any]] = field(default_factory=list)
    """References to the resources that it goes with, as users wrote them."""
    finalizers: list[str] = field(default_factory=list)
    """Who wants to be asked before the deleted resource is forgotten."""
    inherit_labels: bool = False
    """Whether it also has the labels of the cloud that it is on."""


@dataclass(frozen=True, slots=True)
class NewEvent:
    """Something to be remembered together with a write: what happened, who did it, what led to it."""

    type: str
    message: str = ""
    actor: str = "krake"
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """Resources by namespace and name, as they were at `revision`.

    `continue_after` is given back as `after` for the next page; empty on the last page.
    """

    items: list[Record]
    revision: int
    continue_after: str | None


class ChangeType(StrEnum):
    """How a resource changed since a watcher looked last."""

    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"


@dataclass(frozen=True, slots=True)
class Change:
    """The newest state of a resource that changed; for DELETED the last one."""

    type: ChangeType
    record: Record


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes by revision. The next question is asked with `revision`."""

    items: list[Change]
    revision: int

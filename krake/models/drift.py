"""Drift: what to do about differences on the cluster, and how they are shown."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from krake.models.base import Answer, Timestamp


class DriftMode(StrEnum):
    """What becomes of differences between what Krake applied and what is on the cluster."""

    CORRECT = "correct"
    """They are put right, and an event tells of them."""
    REPORT = "report"
    """They are an event and stand in the status; nothing is applied."""
    IGNORE = "ignore"
    """Neither."""


class DriftedObject(Answer):
    """One object that is not as it was applied."""

    api_version: str
    kind: str
    namespace: str | None = None
    name: str
    change: Literal["altered", "missing"]
    fields: list[str] = Field(default_factory=list)
    """Paths of the fields that differ, such as `spec.replicas`; empty for a missing object."""
    managers: list[str] = Field(default_factory=list)
    """Who manages those fields now, as the cluster names them."""
    since: Timestamp
    """When the difference was first seen."""
    fingerprint: str = ""
    """Digest of the object's state that the fields were found in."""


class FieldDifference(Answer):
    """One field that is not as it was applied."""

    path: str
    applied: Any = None
    """What Krake would have there; empty where it would have nothing."""
    live: Any = None
    """What is there; empty where nothing is."""
    manager: str = ""
    """Who manages the field now."""
    since: Timestamp | None = None
    """When that manager last wrote."""
    counts: bool = True
    """Whether it counts as drift: False for a field that the application's observer schema leaves out."""


class ObjectDifference(Answer):
    """How one object differs from what was applied."""

    api_version: str
    kind: str
    namespace: str | None = None
    name: str
    change: Literal["altered", "missing", "surplus", "foreign", "unknown"]
    """`surplus`: the manifest does not name it any more; `foreign`: an object of that name belongs to
    somebody else; `unknown`: the cluster refuses to compare it, see `message`."""
    message: str = ""
    fields: list[FieldDifference] = Field(default_factory=list)
    truncated: int = 0
    """Further fields that differ and are left out."""


class ApplicationDiff(Answer):
    """What differs between an application as Krake applied it and its cluster."""

    api: Literal["kubernetes"] = "kubernetes"
    kind: Literal["ApplicationDiff"] = "ApplicationDiff"
    cluster: str
    generation: int
    """The generation of the application that was compared."""
    at: Timestamp
    compared: int
    """Number of objects that were looked at."""
    objects: list[ObjectDifference] = Field(default_factory=list)
    """Only those that differ."""

    @property
    def differs(self) -> bool:
        """Whether anything counts as drift."""
        return any(
            item.change != "altered" or item.truncated or any(field.counts for field in item.fields)
            for item in self.objects
        )

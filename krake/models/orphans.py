"""Objects that Krake had to leave behind on a cluster, and owes to remove."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from krake.models.base import Answer, Timestamp


class Orphan(Answer):
    """One object that was left on a cluster. It is collected when the cluster answers again."""

    id: int = 0
    """Number of the record; 0 before it is stored."""
    at: Timestamp
    namespace: str
    """Namespace of the application and of its cluster."""
    cluster: str
    cluster_uid: str
    application: str
    application_uid: str
    """The object's owner mark: nothing is removed that carries another."""
    api_version: str
    kind: str
    object_namespace: str | None = None
    object_name: str
    object_uid: str = ""
    """The uid the cluster gave it; empty where that was never known."""
    reason: str = ""
    """Why it was left behind."""


class OrphanList(Answer):
    """Orphans, oldest first."""

    api: Literal["core"] = "core"
    kind: Literal["OrphanList"] = "OrphanList"
    metadata: dict[str, Any] = Field(default_factory=dict)
    items: list[Orphan]

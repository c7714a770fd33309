"""What Krake had to leave behind, and owes to remove: objects on clusters, and clusters at clouds."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from krake.models.base import Answer, Timestamp


class Orphan(Answer):
    """One object that was left on a cluster. It is collected when the cluster answers again.

    A cluster that was forgotten by force while something of it was at a cloud is an orphan, too: of the
    `api_version` infrastructure, with the cloud's kind, namespace and name, and the cluster's id there.
    """

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

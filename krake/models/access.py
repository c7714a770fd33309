"""What the API tells somebody of their own rights."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from krake.models.base import Answer


class AccessReview(Answer):
    """Whether the caller may do something."""

    api: str = "core"
    kind: str = "AccessReview"
    allowed: bool
    user: str
    verb: str
    resource: str
    """With its API: `kubernetes/applications`."""
    namespace: str | None = None
    """Where it was asked for; empty for all namespaces."""
    namespaces: list[str] = Field(default_factory=list)
    """Where it is allowed; `*` is everywhere."""
    reason: str = ""
    """Why not, and what to do."""


class Permission(Answer):
    """These verbs are allowed on these resources of this API in these namespaces; `*` is all."""

    api: str
    resources: list[str]
    namespaces: list[str]
    verbs: list[str]


class PermissionList(Answer):
    """What the caller may do."""

    api: str = "core"
    kind: str = "PermissionList"
    metadata: dict[str, Any] = Field(default_factory=dict)
    items: list[Permission]

"""The audit: who did what to which resource, from where, with which result."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class AuditResult(StrEnum):
    """What became of a request."""

    DONE = "done"
    """It was carried out."""
    DENIED = "denied"
    """401 or 403: nobody knows the caller, or it may not do this."""
    CONFLICT = "conflict"
    """409 or 412: what is there is in the way, or was changed meanwhile."""
    REFUSED = "refused"
    """Any other 4xx: the request does not fit."""
    FAILED = "failed"
    """5xx: the server could not do it."""

    @classmethod
    def of(cls, status: int) -> AuditResult:
        """The result that an HTTP status tells of."""
        if status < 400:
            return cls.DONE
        if status in (401, 403):
            return cls.DENIED
        if status in (409, 412):
            return cls.CONFLICT
        return cls.REFUSED if status < 500 else cls.FAILED


class AuditEntry(BaseModel):
    """One request that changed something, or was to, or was denied. Never a body, never a secret."""

    model_config = ConfigDict(use_attribute_docstrings=True, frozen=True)

    id: int = 0
    """Its number; later ones have larger ones. 0 until it is stored."""
    at: datetime
    """When it was recorded."""
    user: str = Field(max_length=255)
    """Who; empty where nobody could tell."""
    verb: str = Field(max_length=32)
    """`create`, `update`, `delete`; `get` for a denied request to read."""
    kind: str = Field(max_length=255)
    """Kind of the resource, such as `Application`; the path of what is no resource."""
    namespace: str = Field(default="", max_length=255)
    """Namespace of the resource; empty for global ones."""
    name: str = Field(default="", max_length=255)
    """Name of the resource; empty for a whole collection."""
    part: str = Field(default="", max_length=64)
    """Part of the resource, such as `status` or `migration`; empty for the whole."""
    result: AuditResult
    """What became of it."""
    status: int
    """The HTTP status of the answer; 0 for an operator's command."""
    source: str = Field(default="", max_length=64)
    """Address that it came from; `command` for an operator's command."""
    request_id: str = Field(default="", max_length=128)
    """The request's id, as in events and logs."""


class AuditMetadata(BaseModel):
    """Where a page of the audit ends."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    continue_: str | None = Field(default=None, alias="continue")
    """Give it back as `?continue=` for the next, older page; empty on the last one."""


class AuditList(BaseModel):
    """Entries of the audit, newest first."""

    api: str = "core"
    kind: str = "AuditList"
    metadata: AuditMetadata
    items: list[AuditEntry]

"""What somebody asked of a resource beyond its spec, until its lifecycle has taken it up."""

from __future__ import annotations

from enum import StrEnum

from krake.models.base import Answer, Timestamp


class RequestKind(StrEnum):
    """What is asked for."""

    MIGRATE = "migrate"
    """Move the application to another cluster."""
    RETRY = "retry"
    """Try again what was given up."""


class Request(Answer):
    """One request; it stands in `status.request`, and a newer one takes its place.

    A resource with a request counts as having something left to do, so that a lost wake-up is repaired.
    """

    id: str
    kind: RequestKind
    cluster: str | None = None
    """Name of the cluster to move to; empty lets the scheduler choose."""
    leave: bool = False
    """Whether the application may not stay where it is: its cluster is leaving, or does not answer."""
    trigger: str = ""
    """What led to the request, in words: it becomes the trigger of the decision."""
    actor: str = ""
    """The user, or the part of Krake, that asked."""
    at: Timestamp

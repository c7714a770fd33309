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


class MigrationStrategy(StrEnum):
    """In which order a move does its two halves."""

    CREATE_FIRST = "create-first"
    """The source is removed when the target has taken over: no downtime, twice the room for a while."""
    DELETE_FIRST = "delete-first"
    """The source is removed before the target is made: for what must never run twice."""


class Request(Answer):
    """One request; it stands in `status.request`, and a newer one takes its place.

    A resource with a request counts as having something left to do, so that a lost wake-up is repaired.
    """

    id: str
    kind: RequestKind
    cluster: str | None = None
    """Name of the cluster to move to; empty lets the scheduler choose."""
    strategy: MigrationStrategy | None = None
    """How to move; empty leaves it to the application's spec."""
    leave: bool = False
    """Whether the application may not stay where it is: its cluster is leaving, or does not answer. Such a
    request stands until it is fulfilled or void."""
    evict: bool = False
    """Whether an application that fits nowhere else is removed from its cluster and waits for another."""
    failover: bool = False
    """Whether the request is void as soon as the application's cluster answers again."""
    not_before: Timestamp | None = None
    """When the next attempt is due, after one that failed."""
    parked: bool = False
    """Whether nothing can be done until a cluster appears, comes back or changes."""
    trigger: str = ""
    """What led to the request, in words: it becomes the trigger of the decision."""
    actor: str = ""
    """The user, or the part of Krake, that asked."""
    at: Timestamp

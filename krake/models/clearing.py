"""Why the applications of a cluster leave it, and what becomes of them."""

from __future__ import annotations

from enum import StrEnum

from krake.models.base import Answer, Timestamp


class DeletionPolicy(StrEnum):
    """What becomes of the applications on a cluster that is deleted."""

    DRAIN = "drain"
    """They move to other clusters; those that fit nowhere are removed and wait for another."""
    CASCADE = "cascade"
    """They are deleted with it, as the original Krake does."""
    ORPHAN = "orphan"
    """Their objects stay where they are and are none of Krake's business any more; they themselves are placed
    anew on other clusters."""


class ClearingPurpose(StrEnum):
    """Why applications leave."""

    DELETE = "delete"
    """The cluster is deleted."""
    DRAIN = "drain"
    """A user wants it empty; those that fit nowhere else stay until they do."""
    EVACUATE = "evacuate"
    """It has not answered for too long; those that may move do."""


class Clearing(Answer):
    """One clearing of a cluster; it stands in `status.clearing` until it is over."""

    purpose: ClearingPurpose
    policy: DeletionPolicy = DeletionPolicy.DRAIN
    actor: str = ""
    """The user, or the part of Krake, that asked."""
    at: Timestamp
    total: int = 0
    """Applications that were there when it began."""
    message: str = ""
    """How far it has come and what is waited for, in words."""

"""What can go wrong with the store, in words for people."""

# ruff: noqa: N818 - the names say what is the case, as in the REST API and in Kubernetes
from __future__ import annotations

from krake.errors import KrakeError


def _place(namespace: str) -> str:
    return f" in namespace '{namespace}'" if namespace else ""


class StoreError(KrakeError):
    """Base of everything the store raises."""


class NotFound(StoreError):
    """No resource has this name, or it has been removed meanwhile."""

    @classmethod
    def of(cls, kind: str, namespace: str, name: str) -> NotFound:
        """The error for a resource's address."""
        return cls(f"{kind} '{name}' does not exist{_place(namespace)}")


class AlreadyExists(StoreError):
    """The name is taken."""

    @classmethod
    def of(cls, kind: str, namespace: str, name: str) -> AlreadyExists:
        """The error for a resource's address."""
        return cls(f"{kind} '{name}' already exists{_place(namespace)}")


class RevisionConflict(StoreError):
    """Somebody else wrote the resource since the caller read it."""


class TooOld(StoreError):
    """The changes since a revision are not all known any more: list again and go on from there."""


class Unavailable(StoreError):
    """The database cannot be reached or is too busy; trying again may help."""


class SchemaMismatch(StoreError):
    """The database's tables do not fit this release."""

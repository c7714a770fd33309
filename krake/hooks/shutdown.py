"""How far an application's shutdown has come, read from its record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krake.models.application import ApplicationState
from krake.models.hooks import HookName, ShutdownPurpose, ShutdownState, ShutdownStatus
from krake.models.reasons import ReasonCode
from krake.moves import clusters_of
from krake.resources import merged_status

if TYPE_CHECKING:
    from krake.store.records import Record

_AWAITED = {
    ShutdownState.WAITING: ApplicationState.WAITING_FOR_CLEANING,
    ShutdownState.FAILED: ApplicationState.DEGRADED,
}
"""States of a shutdown in which a confirmation changes something, while the application is in that state."""


def shutdown_of(record: Record) -> ShutdownStatus | None:
    """The last shutdown that the application was asked for."""
    found = record.status.get("shutdown")
    return ShutdownStatus.model_validate(found) if found else None


def awaited_shutdown(record: Record) -> ShutdownStatus | None:
    """The shutdown that a confirmation would speak of; None where nobody waits for one."""
    shutdown = shutdown_of(record)
    if shutdown is None or record.status.get("completed"):
        return None
    reason = (record.status.get("reason") or {}).get("code")
    if shutdown.state == ShutdownState.FAILED and reason != ReasonCode.SHUTDOWN_FAILED:
        return None
    return shutdown if record.status.get("state") == _AWAITED.get(shutdown.state) else None


def gave_up(record: Record, purpose: ShutdownPurpose | None = None) -> bool:
    """Whether its shutdown failed, so that nothing happens until the user says so: retries, or deletes it."""
    shutdown = awaited_shutdown(record)
    if shutdown is None or shutdown.state != ShutdownState.FAILED:
        return False
    if record.deleted is not None and shutdown.ended is not None and record.deleted > shutdown.ended:
        return False
    return purpose in (None, shutdown.purpose)


def has_to_shut_down(record: Record) -> bool:
    """Whether the application is to be asked to shut down before its objects are removed.

    What has completed, or never ran, has nothing left to shut down.
    """
    status = merged_status(record.kind, record.status, record.observation)
    if awaited_shutdown(record) is not None:
        return True
    if HookName.SHUTDOWN not in (record.spec.get("hooks") or []):
        return False
    if status.get("completed") or not status.get("deployed_at"):
        return False
    health = status.get("container_health") or {}
    finished = health.get("completed_pods", 0) >= health.get("desired_pods", 0) > 0
    return status.get("state") != ApplicationState.COMPLETED and not finished


def calling_clusters(record: Record) -> frozenset[str]:
    """The uids of the clusters that have a copy of the application which may still call its hooks."""
    shutdown = awaited_shutdown(record)
    return clusters_of(record.status) | ({shutdown.cluster_uid} if shutdown else set())

"""A move as the workflow sees it, from what the store says of it."""

from __future__ import annotations

from datetime import UTC, datetime

from activities.store.manifests import manifest_of
from krake.messages.base import Target
from krake.messages.moving import Move
from krake.models.cluster import ClusterState
from krake.models.metadata import ResourceRef
from krake.models.migration import INTERRUPTIBLE, MigrationStatus
from krake.resources import shown_status
from krake.settings import Settings
from krake.store import Record
from krake.volumes.analysis import carries_data

_ANSWERING = frozenset({ClusterState.ONLINE, ClusterState.NOTREADY, ClusterState.UNHEALTHY})


def is_interrupted(record: Record, migration: MigrationStatus) -> bool:
    """Whether the move has to be undone: it was cancelled, or something newer is to be done."""
    newer = record.deleted is not None or record.generation != migration.generation
    return migration.phase in INTERRUPTIBLE and (migration.cancel_requested or newer)


def may_be_asked(cluster: Record | None) -> bool:
    """Whether it makes sense to ask the cluster for anything; not where it is known to be dead."""
    return cluster is not None and _state(cluster) != ClusterState.OFFLINE


def answers(cluster: Record | None) -> bool:
    """Whether the cluster is known to answer."""
    return cluster is not None and _state(cluster) in _ANSWERING


def _state(cluster: Record) -> str:
    return str(shown_status(cluster, datetime.now(UTC)).get("state"))


def move_of(record: Record, migration: MigrationStatus, source: Record | None, settings: Settings) -> Move:
    """The move as far as it has come."""
    destination = cluster_target(migration.target, migration.target_uid) if migration.target else None
    return Move(
        target=Target(kind=record.kind, namespace=record.namespace, name=record.name, uid=record.uid),
        id=migration.id,
        source=cluster_target(migration.source, migration.source_uid),
        destination=destination,
        generation=migration.generation,
        objects=len(manifest_of(record)),
        readiness_timeout=record.spec.get("readiness_timeout") or settings.readiness_timeout,
        phase=migration.phase,
        delete_first=migration.delete_first,
        source_answers=may_be_asked(source),
        interrupted=is_interrupted(record, migration),
        data=may_be_asked(source) and not migration.delete_first and carries_data(manifest_of(record)),
    )


def cluster_target(reference: ResourceRef, uid: str) -> Target:
    """A cluster as workflows name it."""
    return Target(kind="Cluster", namespace=reference.namespace or "", name=reference.name, uid=uid)

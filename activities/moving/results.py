"""What a move leaves behind: its result, and objects that could not be removed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from activities.moving.moves import cluster_target
from activities.store.inventory import inventory_on
from krake.models.metadata import ResourceRef
from krake.models.migration import MigrationOutcome, MigrationResult, MigrationStatus
from krake.models.orphans import Orphan
from krake.store import Record, Transaction


def result_of(
    migration: MigrationStatus, outcome: MigrationOutcome, *, code: str = "", message: str = ""
) -> dict[str, Any]:
    """The move as `status.last_migration` keeps it."""
    return MigrationResult(
        id=migration.id,
        source=migration.source,
        source_uid=migration.source_uid,
        target=migration.target,
        outcome=outcome,
        code=code,
        message=message,
        trigger=migration.trigger,
        started=migration.started,
        finished=datetime.now(UTC),
    ).model_dump(mode="json")


async def orphan(
    transaction: Transaction, record: Record, cluster: ResourceRef, cluster_uid: str, reason: str
) -> None:
    """Remember the application's objects on a cluster that cannot be removed now."""
    for item in inventory_on(record, cluster_target(cluster, cluster_uid)):
        await transaction.add_orphan(
            Orphan(
                at=datetime.now(UTC),
                namespace=record.namespace,
                cluster=cluster.name,
                cluster_uid=cluster_uid,
                application=record.name,
                application_uid=record.uid,
                api_version=item.api_version,
                kind=item.kind,
                object_namespace=item.namespace,
                object_name=item.name,
                object_uid=item.uid,
                reason=reason,
            )
        )

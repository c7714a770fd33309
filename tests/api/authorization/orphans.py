"""Orphans for tests."""

from __future__ import annotations

from datetime import UTC, datetime

from krake.models.orphans import Orphan
from krake.store import Store


async def leave(store: Store, *namespaces: str) -> None:
    """Leave an object behind in each namespace, on a cluster that is not registered any more."""
    async with store.transaction() as transaction:
        for namespace in namespaces:
            await transaction.add_orphan(
                Orphan(
                    id=0,
                    at=datetime.now(UTC),
                    namespace=namespace,
                    cluster="gone",
                    cluster_uid="uid",
                    application="shop",
                    application_uid="uid",
                    api_version="v1",
                    kind="ConfigMap",
                    object_namespace="default",
                    object_name="settings",
                    object_uid="uid",
                    reason="the cluster did not answer",
                )
            )

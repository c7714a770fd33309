"""Starting the collection of orphans."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

from temporalio.service import RPCError

from api.authorization.reach import Reach
from api.deps import Services
from api.problems import ProblemError
from krake.messages.base import Target
from krake.messages.removing import Collection
from krake.models.orphans import Orphan
from krake.store.errors import NotFound
from krake.temporal import collect as start

_DEADLINE = 5.0


async def collect(
    services: Services, reach: Reach, namespace: str | None, cluster: str | None
) -> list[dict[str, Any]]:
    """Start a collection on every cluster with orphans; says for each what was started, or why nothing.

    Args:
        services: the API's parts.
        reach: only of namespaces in it.
        namespace: only of this namespace.
        cluster: only on the cluster of this name, which has to be registered.

    Raises:
        NotFound: no cluster of that name is registered in the namespace.
        ProblemError: 503, Temporal does not answer.
    """
    if cluster and namespace and await services.store.find("Cluster", namespace, cluster) is None:
        raise NotFound.of("Cluster", namespace, cluster)
    given = {"namespace": namespace, "cluster": cluster}
    filters = {name: value for name, value in given.items() if value is not None}
    places: dict[tuple[str, str], list[Orphan]] = {}
    for orphan in await services.store.orphans(**filters):
        if orphan.namespace in reach:
            places.setdefault((orphan.namespace, orphan.cluster), []).append(orphan)
    return [await _collect_one(services, *place, orphans) for place, orphans in sorted(places.items())]


async def _collect_one(
    services: Services, namespace: str, name: str, orphans: list[Orphan]
) -> dict[str, Any]:
    record = await services.store.find("Cluster", namespace, name)
    shown = {"namespace": namespace, "cluster": name, "orphans": len(orphans)}
    if record is None:
        why = "no cluster of this name is registered: register it again to have them removed"
        return {**shown, "operation": None, "message": why}
    target = Target(kind="Cluster", namespace=namespace, name=name, uid=record.uid)
    predecessors = any(orphan.cluster_uid != record.uid for orphan in orphans)
    collection = Collection(cluster=target, predecessors=predecessors)
    return {**shown, "operation": await _started(services, collection), "message": "being collected"}


async def _started(services: Services, collection: Collection) -> str:
    try:
        async with asyncio.timeout(_DEADLINE):
            return await start(services.temporal, collection)
    except (RPCError, RuntimeError, TimeoutError) as error:
        raise ProblemError(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "Temporal, which runs the collection, does not answer at the moment; Krake collects by itself "
            "when it does",
            headers={"Retry-After": "5"},
        ) from error

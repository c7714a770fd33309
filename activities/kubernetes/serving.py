"""Kinds that a cluster has stopped to serve: their definition is gone, and all objects with it."""

from __future__ import annotations

from collections.abc import Iterable

from activities.kubernetes.connections import Access
from activities.kubernetes.discovery import ServedKind
from activities.kubernetes.errors import ClusterError
from krake.models.application import ObjectStatus

_FOLLOW_SECONDS = 10.0


async def served_kinds(access: Access, objects: Iterable[ObjectStatus]) -> set[ServedKind]:
    """The kinds of the objects, without those that the cluster does not serve: of them nothing is there.

    Raises:
        ClusterError: the cluster does not answer.
    """
    found = set()
    for api_version, kind in {(item.api_version, item.kind) for item in objects}:
        try:
            found.add(await access.discovery.find(api_version, kind))
        except ClusterError as error:
            if not error.not_served:
                raise
    return found


async def check_served(access: Access, objects: Iterable[ObjectStatus]) -> None:
    """Make sure that everything whose watch has ended for lack of its definition is served again.

    Raises:
        ClusterError: a definition is gone, so that waiting for its objects is in vain.
    """
    for api_version, kind in {(item.api_version, item.kind) for item in objects}:
        if access.cache.has_ended(api_version, kind):
            served = await access.discovery.check(api_version, kind)
            await access.cache.follow({served}, _FOLLOW_SECONDS)

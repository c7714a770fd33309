"""Removing one orphan without ever removing what an application has.

Between the look into the store and the deletion the application may be placed on this cluster again, and its
apply may take over the very object, perhaps without changing it. So the object is disowned first: it loses
the annotation that every apply sets. Whoever applies it after that changes it, and the deletion, which names
the object's version, is refused. Whoever applied it before has written in the store that it is here, and the
look that comes after the disowning finds that.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from activities.kubernetes.connections import Access
from activities.kubernetes.errors import ClusterError
from activities.kubernetes.objects import OWNER_ANNOTATION, OWNER_LABEL
from krake.leftovers import copies
from krake.messages.base import Target
from krake.models.application import ObjectStatus
from krake.models.orphans import Orphan
from krake.models.reasons import ReasonCode
from krake.moves import clusters_of
from krake.store import Record, Store

_LATE_APPLIES = timedelta(seconds=60)
"""An object that was never seen may still be made by an apply that was under way when it was recorded."""

Document = dict[str, Any]


class Fate(StrEnum):
    """What becomes of an orphan."""

    REMOVED = "removed"
    """It is gone, or belongs to somebody else by now: nothing is owed any more."""
    NEEDED = "needed"
    """Its application has it again: it is no orphan."""
    KEPT = "kept"
    """It may not be touched now."""
    WAITING = "waiting"
    """It is on its way out, or has just changed."""


async def collect_orphan(store: Store, access: Access, cluster: Target, orphan: Orphan) -> Fate:
    """Take the next step to remove an orphan.

    Raises:
        ClusterError: the cluster does not answer or refuses.
    """
    try:
        served = await access.discovery.find(orphan.api_version, orphan.kind)
        path = served.path(orphan.object_namespace, orphan.object_name)
        live = await access.connection.request("GET", path)
        metadata = live["metadata"]
        if (metadata.get("labels") or {}).get(OWNER_LABEL) != orphan.application_uid:
            return Fate.REMOVED
        fate = await _claim(store, access, cluster, orphan)
        if fate is None and not metadata.get("deletionTimestamp"):
            metadata = await _disown(access, path, metadata)
            fate = await _claim(store, access, cluster, orphan) or await _delete(access, path, metadata)
        return fate or Fate.WAITING
    except ClusterError as error:
        if error.not_found or error.code == ReasonCode.UNSUPPORTED_RESOURCE:
            return _absent(orphan)
        if error.status == 409:
            return Fate.WAITING
        raise


def _absent(orphan: Orphan) -> Fate:
    late = not orphan.object_uid and datetime.now(UTC) - orphan.at < _LATE_APPLIES
    return Fate.KEPT if late else Fate.REMOVED


async def _disown(access: Access, path: str, metadata: Document) -> Document:
    """Take the annotation away; the answer is refused when the object changed since it was read."""
    if OWNER_ANNOTATION not in (metadata.get("annotations") or {}):
        return metadata
    change = {"resourceVersion": metadata["resourceVersion"], "annotations": {OWNER_ANNOTATION: None}}
    answer = await access.connection.request(
        "PATCH", path, body={"metadata": change}, content_type="application/merge-patch+json"
    )
    changed: Document = answer["metadata"]
    return changed


async def _delete(access: Access, path: str, metadata: Document) -> Fate:
    preconditions = {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]}
    body = {"propagationPolicy": "Foreground", "preconditions": preconditions}
    await access.connection.request("DELETE", path, body=body)
    return Fate.WAITING


async def _claim(store: Store, access: Access, cluster: Target, orphan: Orphan) -> Fate | None:
    """Whether the orphan's application has it, or may have it; None when it may be removed."""
    record = await store.get_by_uid(orphan.application_uid)
    if record is None:
        return None
    here = await _same_clusters(store, access, cluster, record)
    if not here:
        return None
    if any(_is(item, orphan) for target, objects in copies(record) if target.uid in here for item in objects):
        return Fate.NEEDED
    settled = record.status.get("observed_generation") == record.generation
    # What a settled application on this cluster does not name it will not take up without naming it first.
    return None if settled and not record.status.get("migration") else Fate.KEPT


async def _same_clusters(store: Store, access: Access, cluster: Target, record: Record) -> set[str]:
    """Where the application is, as far as that is this cluster, which may be registered twice."""
    found = set()
    for uid in clusters_of(record.status):
        other = await store.get_by_uid(uid) if uid != cluster.uid else None
        if uid == cluster.uid or (other is not None and _server(other) == access.server):
            found.add(uid)
    return found


def _server(cluster: Record) -> str | None:
    clusters = (cluster.spec.get("kubeconfig") or {}).get("clusters") or [{}]
    server: str | None = (clusters[0].get("cluster") or {}).get("server")
    return server


def _is(item: ObjectStatus, orphan: Orphan) -> bool:
    """Whether both name the same object; one that was only foreseen may carry a namespace too many."""
    group, other_group = item.api_version.rpartition("/")[0], orphan.api_version.rpartition("/")[0]
    same = (group, item.kind, item.name) == (other_group, orphan.kind, orphan.object_name)
    here, there = item.namespace or "", orphan.object_namespace or ""
    return same and (here == there or not here or not there)

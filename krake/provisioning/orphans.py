"""Clusters that Krake forgot by force while something of them was, or may have been, at a cloud.

They are recorded among the orphans: what is left behind is a cluster, and the place is a cloud.
"""

from __future__ import annotations

from datetime import UTC, datetime

from krake.models.orphans import Orphan
from krake.store.records import Record

API_VERSION = "infrastructure"
"""Stands in an orphan's `api_version` where it is a cluster at a cloud; its `kind` is the cloud's."""


_LONGEST_ID = 36
"""The room for an id. Longer ones are left out: the cluster is found by its tag as well."""


def left_at_cloud(cluster: Record, reason: str) -> Orphan | None:
    """What is, or may be, left of a cluster at the cloud that was asked to make it; None where none was."""
    place = cluster.status.get("running_on")
    if place is None:
        return None
    known = cluster.status.get("cluster_id") or ""
    return Orphan(
        at=datetime.now(UTC),
        namespace=cluster.namespace,
        cluster=cluster.name,
        cluster_uid=cluster.uid,
        application="",
        application_uid="",
        api_version=API_VERSION,
        kind=place["kind"],
        object_namespace=place.get("namespace"),
        object_name=place["name"],
        object_uid=known if len(known) <= _LONGEST_ID else "",
        reason=reason,
    )


def is_at_cloud(orphan: Orphan) -> bool:
    """Whether the orphan is a cluster at a cloud, and no object on a cluster."""
    return orphan.api_version == API_VERSION

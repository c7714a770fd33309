"""What clusters have from the cloud that they are on, where they say that they inherit.

The cloud's labels win over the cluster's own, the cluster's own metrics win over the cloud's, as in the
original Krake. Nothing is copied: a change of the cloud holds at the next decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from krake.models.kinds import CLOUDS
from krake.resources import document
from krake.store.records import Record

Document = dict[str, Any]
Clouds = Mapping[str, Record]
"""By uid of each cluster that inherits something, its cloud."""


class Lists(Protocol):
    """What all clouds can be read from."""

    async def all_of(self, kind: str) -> list[Record]:
        """The resources of a kind."""
        ...


async def clouds_above(store: Lists, clusters: Iterable[Record]) -> dict[str, Record]:
    """The clouds of the clusters that inherit something; nothing is read where none does."""
    wanted = {
        cluster.uid: (place["kind"], place.get("namespace") or "", place["name"])
        for cluster in clusters
        if (cluster.inherit_labels or cluster.spec.get("inherit_metrics"))
        and (place := cluster.status.get("scheduled_to"))
    }
    if not wanted:
        return {}
    known = {
        (cloud.kind, cloud.namespace, cloud.name): cloud
        for kind in CLOUDS
        for cloud in await store.all_of(kind.name)
    }
    return {uid: known[place] for uid, place in wanted.items() if place in known}


def cluster_documents(clusters: Sequence[Record], clouds: Clouds, now: datetime) -> list[Document]:
    """Clusters as decisions are made on: as the API shows them, with the labels of their clouds."""
    return [with_inherited_labels(document(one, now=now), clouds.get(one.uid)) for one in clusters]


def with_inherited_labels(cluster: Document, cloud: Record | None) -> Document:
    """The cluster with its cloud's labels, whose keys are in `metadata.inherited_labels`."""
    metadata = cluster["metadata"]
    if cloud is None or not metadata.get("inherit_labels"):
        return cluster
    labels = {**metadata["labels"], **cloud.labels}
    return {**cluster, "metadata": {**metadata, "labels": labels, "inherited_labels": sorted(cloud.labels)}}

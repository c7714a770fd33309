"""Clusters that are underway, shared by the applications that wait for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from krake.automatic import awaited_by
from krake.manifests import manifest_of
from krake.models.kinds import CLOUD, GLOBAL_CLOUD
from krake.resources import document
from krake.store import Record, Transaction
from scheduler.amounts import Amounts, on, plus
from scheduler.clouds import cloud_of, is_better
from scheduler.decide import Outcome
from scheduler.new_cluster import as_made, judged, node_of
from scheduler.offers import metrics_on
from scheduler.requirements import needs
from scheduler.snapshot import Candidate


@dataclass(frozen=True, slots=True)
class KnownCloud:
    """A cloud, also as the scheduler sees it."""

    record: Record
    candidate: Candidate

    def offers(self, flavor: str | None) -> bool:
        """Whether the cloud has machines of a size, as far as it tells which it has."""
        known = {one["name"] for one in self.record.status.get("flavors") or ()}
        return not (flavor and known) or flavor in known

    def node(self, flavor: str | None) -> Amounts | None:
        """What a node of a size will offer; None where it is not known."""
        return node_of(self.record.status.get("flavors") or (), flavor)


async def read_clouds(
    transaction: Transaction, namespace: str, now: datetime, max_age: float
) -> list[KnownCloud]:
    """The clouds on which clusters of a namespace can be made, with their metrics."""
    records = [
        *await transaction.all_of(CLOUD.name, namespace),
        *await transaction.all_of(GLOBAL_CLOUD.name),
    ]
    metrics = await metrics_on(transaction, records, now, max_age)
    return [KnownCloud(one, cloud_of(document(one, now=now), metrics.get(one.uid))) for one in records]


async def shared_cluster(
    transaction: Transaction,
    record: Record,
    underway: Sequence[Record],
    clouds: Sequence[KnownCloud],
    decision: Outcome,
) -> Record | None:
    """A cluster on which the application fits beside those that wait for it already.

    Args:
        transaction: the one in which it is placed.
        record: the application.
        underway: the clusters that are being made; the one that it waits for comes first.
        clouds: their clouds.
        decision: what came of placing it on the clusters that are there: one underway has to be better.
    """
    if not underway:
        return None
    waiting = [one for one in await transaction.awaiting_clusters() if one.uid != record.uid]
    places = {address(cloud.record): cloud for cloud in clouds}
    mine = awaited_by(record)
    for cluster in sorted(underway, key=lambda one: (one.name != mine, one.created)):
        cloud = places.get(place_of(cluster))
        if cloud is None:
            continue
        outcome = judged(decision.request, expected(cluster, cloud, waiting), decision.now)
        if is_better(outcome, decision):
            return cluster
    return None


def expected(cluster: Record, cloud: KnownCloud, waiting: Sequence[Record]) -> Candidate:
    """The cluster as it will be, with what is promised of it to those that wait for it."""
    machines = cluster.spec.get("infrastructure") or {}
    count = int(machines.get("nodes") or 1)
    promised = [
        _needed(one, count)
        for one in waiting
        if (one.namespace, awaited_by(one)) == (cluster.namespace, cluster.name)
    ]
    return as_made(
        cloud.candidate,
        namespace=cluster.namespace,
        name=cluster.name,
        uid=cluster.uid,
        labels=cluster.labels,
        node=cloud.node(machines.get("flavor")),
        nodes=count,
        promised=plus(*promised),
    )


def address(cloud: Record) -> tuple[str, str, str]:
    """What a cloud is known by."""
    return cloud.kind, cloud.namespace, cloud.name


def place_of(cluster: Record) -> tuple[str, str, str]:
    """What the cloud is known by that the cluster is made on."""
    place: dict[str, Any] = cluster.status.get("running_on") or cluster.status.get("scheduled_to") or {}
    return place.get("kind", ""), place.get("namespace") or "", place.get("name", "")


def _needed(record: Record, nodes: int) -> Amounts:
    wanted = needs(manifest_of(record))
    return on(wanted.total, wanted.per_node, nodes)

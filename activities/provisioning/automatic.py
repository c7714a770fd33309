"""Clusters that are made for applications that fit on none, or would do better on a new one.

All of it is part of the transaction in which the application is placed: it is decided once, and done again it
finds the cluster underway.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from activities.provisioning.automatic_spec import new_cluster_spec
from activities.provisioning.room import Room
from activities.provisioning.sharing import KnownCloud, place_of, read_clouds, shared_cluster
from activities.waking import target_of
from krake.automatic import (
    ACTOR,
    awaited_by,
    disappoint,
    given_up,
    is_underway,
    no_longer_waiting,
    wants_a_cluster,
    was_reached,
)
from krake.models.application import ApplicationState
from krake.models.cluster import ClusterStatus
from krake.models.kinds import CLUSTER
from krake.models.reasons import ReasonCode
from krake.resources import place_reference
from krake.settings import Settings
from krake.store import NewEvent, Record, Transaction
from scheduler.clouds import choose_cloud, is_better, on_a_new_cluster
from scheduler.decide import Outcome
from scheduler.new_cluster import nodes_needed
from scheduler.quotas import Machines
from scheduler.record import encode
from scheduler.snapshot import Request

_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Answer:
    """What is done about an application that may get a cluster."""

    cluster: Record | None = None
    """What it waits for; None where it does not."""
    made: bool = False
    """Whether the cluster was ordered just now, so that its lifecycle has to be woken."""
    note: str = ""
    """Why no cluster is made although none fits."""


class AutomaticClusters:
    """Orders clusters for applications, and lets several share one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def consider(
        self, transaction: Transaction, record: Record, decision: Outcome, cause: str
    ) -> Answer:
        """Find or order a cluster for the application, if it asks for that and would be better off.

        Args:
            transaction: the one in which it is placed.
            record: the application.
            decision: what came of placing it on the clusters that are there.
            cause: what led to it.
        """
        if not wants_a_cluster(record):
            return Answer()
        now = datetime.now(UTC)
        clusters = await transaction.all_of(CLUSTER.name, record.namespace)
        if decision.chosen is not None and _has_come(record, clusters):
            return Answer()
        record = await self._check_awaited(transaction, record, clusters, decision, now)
        clouds = await read_clouds(transaction, record.namespace, now, self._settings.metric_max_age)
        underway = [one for one in clusters if is_underway(one, now, self._settings.auto_cluster_timeout)]
        shared = await shared_cluster(transaction, record, underway, clouds, decision)
        if shared is not None:
            await _await(transaction, record, shared, decision, cause)
            return Answer(shared)
        if why := _pause(record, now):
            return Answer(note=why)
        return await self._order(transaction, record, clouds, decision, cause, now)

    async def _check_awaited(
        self,
        transaction: Transaction,
        record: Record,
        clusters: list[Record],
        decision: Outcome,
        now: datetime,
    ) -> Record:
        """Stop waiting for a cluster that will not come, or came and does not fit."""
        name = awaited_by(record)
        if not name:
            return record
        found = next((one for one in clusters if one.name == name and one.deleted is None), None)
        if found is not None and is_underway(found, now, self._settings.auto_cluster_timeout):
            return record
        if found is None:
            why = "it was deleted"
        elif was_reached(found):
            why = f"it was made and does not fit: {decision.summary}"
        else:
            why = given_up(found, now, self._settings.auto_cluster_timeout)
        return await disappoint(transaction, record, why, self._settings.auto_cluster_retry)

    async def _order(
        self,
        transaction: Transaction,
        record: Record,
        clouds: list[KnownCloud],
        decision: Outcome,
        cause: str,
        now: datetime,
    ) -> Answer:
        """Order a cluster on the best cloud whose machines are large enough."""
        sizes, refusals = self._sizes(decision.request, clouds, now)
        possible = [cloud for cloud in clouds if cloud.record.uid in sizes]
        room = await Room.read(transaction)
        lacking = {
            one.record.uid: room.lacks(one.record, self._machines(sizes[one.record.uid])) for one in possible
        }
        outcome = choose_cloud(
            on_a_new_cluster(decision.request),
            [cloud.candidate for cloud in possible],
            now=now,
            trigger=f"application {record.name}",
            lacking=lacking,
        )
        if not is_better(outcome, decision):
            if decision.chosen is not None:
                return Answer()
            why = "; ".join([*refusals, *([outcome.summary] if possible else [])]) or "there is no cloud"
            await self._look_again(transaction, record, now)
            return Answer(note=f"no cluster can be made: {why}")
        chosen = next(one for one in possible if outcome.chosen and one.record.uid == outcome.chosen.uid)
        cluster = await self._create(transaction, record, chosen.record, sizes[chosen.record.uid], decision)
        await transaction.record_decision(cluster, encode(outcome))
        await _await(transaction, record, cluster, decision, cause)
        return Answer(cluster, made=True)

    def _sizes(
        self, request: Request, clouds: list[KnownCloud], now: datetime
    ) -> tuple[dict[str, int], list[str]]:
        """By uid of each cloud that could do it, the number of nodes; and why the others could not."""
        settings, sizes, refusals = self._settings, dict[str, int](), list[str]()
        flavor = None if settings.auto_cluster_tosca_file else settings.auto_cluster_flavor
        most = max(settings.auto_cluster_nodes, settings.auto_cluster_max_nodes)
        for cloud in clouds:
            if not cloud.offers(flavor):
                refusals.append(f"on cloud {cloud.record.name}: it offers no flavor '{flavor}'")
                continue
            node = cloud.node(flavor)
            found = nodes_needed(request, cloud.candidate, node, settings.auto_cluster_nodes, most, now)
            if isinstance(found, Outcome):
                refusals.append(f"on cloud {cloud.record.name}: {found.summary}")
            else:
                sizes[cloud.record.uid] = found
        return sizes, refusals

    def _machines(self, nodes: int) -> Machines | None:
        """What a cluster of so many nodes is made of; None where a template says so."""
        if self._settings.auto_cluster_tosca_file:
            return None
        flavor = self._settings.auto_cluster_flavor
        return Machines(nodes, flavor=flavor, control_plane_flavor=flavor)

    async def _create(
        self, transaction: Transaction, record: Record, cloud: Record, nodes: int, decision: Outcome
    ) -> Record:
        status = ClusterStatus().model_dump(mode="json")
        bound = {
            "scheduled": datetime.now(UTC).isoformat(),
            "scheduled_to": place_reference(target_of(cloud)),
        }
        return await transaction.create(
            CLUSTER.name,
            record.namespace,
            _name_for(record),
            labels={},
            spec=new_cluster_spec(self._settings, decision.request, nodes),
            status={**status, **bound},
            event=NewEvent("Created", f"on cloud {cloud.name}, for application {record.name}", actor=ACTOR),
            inherit_labels=True,
        )

    async def _look_again(self, transaction: Transaction, record: Record, now: datetime) -> None:
        """Nothing tells applications of clouds that appear, so that they are looked at again by and by."""
        again = datetime.fromtimestamp(now.timestamp() + self._settings.auto_cluster_retry, UTC)
        changes = {"auto_cluster_retry_at": again.isoformat(), "auto_cluster_failure": None}
        await transaction.write_status(record, changes)


def _has_come(record: Record, clusters: list[Record]) -> bool:
    """Whether the cluster that the application waits for was made."""
    name = awaited_by(record)
    return any(one.name == name and one.deleted is None and was_reached(one) for one in clusters)


def _pause(record: Record, now: datetime) -> str:
    """Why no cluster is made just now; empty where one may be."""
    failure, moment = record.status.get("auto_cluster_failure"), record.status.get("auto_cluster_retry_at")
    if not failure or not moment or datetime.fromisoformat(moment) <= now:
        return ""
    return f"{failure}; another one may be made from {moment[:19].replace('T', ' ')} UTC on"


def _name_for(record: Record) -> str:
    """Readable, and another one for each attempt: a cluster that failed may still be on its way out."""
    digest = hashlib.blake2s(f"{record.uid}/{record.revision}".encode(), digest_size=3).hexdigest()
    return f"auto-{record.name[:_LONGEST].rstrip('-_.:')}-{digest}"


async def _await(
    transaction: Transaction, record: Record, cluster: Record, decision: Outcome, cause: str
) -> None:
    place = place_of(cluster)[2]
    better = f"a new cluster on cloud {place} is better: {decision.summary}"
    why = decision.summary if decision.chosen is None else better
    changes: dict[str, Any] = {
        **no_longer_waiting(record),
        "state": ApplicationState.WAITING_FOR_CLUSTER_CREATION,
        "reason": {"code": ReasonCode.NO_SUITABLE_RESOURCE, "message": why},
        "message": f"waiting for cluster {cluster.name}, which is made on cloud {place}",
        "observed_generation": record.generation,
        "reserved": {},
        "auto_cluster_create_started": cluster.name,
    }
    known = awaited_by(record) == cluster.name
    event = NewEvent("WaitsForCluster", f"{cluster.name} is made on cloud {place}", cause=cause)
    await transaction.write_status(record, changes, None if known else event)

"""Choosing the cloud that a cluster is made on: the scheduler fed from the store, its decision recorded."""

from __future__ import annotations

from datetime import UTC, datetime

from temporalio import activity

from activities.provisioning.room import Room
from activities.provisioning.status import in_phase
from activities.waking import target_of
from krake.models.cluster import ClusterState
from krake.models.kinds import CLOUD, GLOBAL_CLOUD, PROJECT
from krake.models.provisioning import ProvisioningPhase
from krake.models.reasons import ReasonCode
from krake.provisioning.messages import ChosenCloud, ClusterOrder
from krake.resources import document, place_reference
from krake.settings import Settings
from krake.store import NewEvent, Record, Store, Transaction
from scheduler.clouds import choose_cloud, cloud_of, cloud_wanted_by
from scheduler.decide import Outcome
from scheduler.offers import metrics_on
from scheduler.quotas import Machines
from scheduler.record import encode


class ChoosingActivities:
    """Decides where clusters are made, by the same pure function that places applications."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    @activity.defn(name="choose_cloud")
    async def choose_cloud(self, order: ClusterOrder) -> ChosenCloud:
        """The cloud that the cluster is on already, or was bound to, or the best one.

        A cluster never moves between clouds: as soon as one was asked to make it, that one is kept until
        it is certain that nothing of the cluster is there.
        """
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(order.target.uid)
            if record is None or record.deleted is not None:
                return ChosenCloud(message="the cluster is being deleted")
            cloud = await _kept(transaction, record)
            if cloud is None and (record.status.get("running_on") or _belongs_to_project(record)):
                return ChosenCloud(message=await _lost(transaction, record, order))
            if cloud is None:
                outcome, clouds = await self._decide(transaction, record, order.cause)
                await transaction.record_decision(record, encode(outcome))
                cloud = next(
                    (one for one in clouds if outcome.chosen and one.uid == outcome.chosen.uid), None
                )
                if cloud is None:
                    await _wait(transaction, record, outcome, order)
                    return ChosenCloud(message=outcome.summary)
            await _bind(transaction, record, cloud, order)
            return ChosenCloud(cloud=target_of(cloud))

    async def _decide(
        self, transaction: Transaction, record: Record, trigger: str
    ) -> tuple[Outcome, list[Record]]:
        now = datetime.now(UTC)
        clouds = [
            *await transaction.all_of(CLOUD.name, record.namespace),
            *await transaction.all_of(GLOBAL_CLOUD.name),
        ]
        metrics = await metrics_on(transaction, clouds, now, self._settings.metric_max_age)
        candidates = [cloud_of(document(cloud, now=now), metrics.get(cloud.uid)) for cloud in clouds]
        request, machines = cloud_wanted_by(document(record, now=now)), Machines.of(record.spec)
        room = await Room.read(transaction)
        lacking = {cloud.uid: room.lacks(cloud, machines) for cloud in clouds}
        return choose_cloud(request, candidates, now=now, trigger=trigger, lacking=lacking), clouds


async def _kept(transaction: Transaction, record: Record) -> Record | None:
    place = record.status.get("running_on") or record.status.get("scheduled_to")
    if place is None:
        return None
    return await transaction.find(place["kind"], place.get("namespace") or "", place["name"])


def _belongs_to_project(record: Record) -> bool:
    """Whether the cluster is a Magnum cluster's: it is made in that one's project, or not at all."""
    return (record.status.get("scheduled_to") or {}).get("kind") == PROJECT.name


async def _lost(transaction: Transaction, record: Record, order: ClusterOrder) -> str:
    """The cloud that was asked to make the cluster is not known any more: there is no other way to go on."""
    place = record.status.get("running_on") or record.status["scheduled_to"]
    words = f"Unable to find bound cloud: {place['name']}. Register it again"
    reason = {"code": ReasonCode.INVALID_RESOURCE, "message": words}
    known = record.status.get("reason") == reason
    event = None if known else NewEvent("Failed", words, cause=order.cause)
    await transaction.write_status(record, {"state": ClusterState.FAILED, "reason": reason}, event)
    return words


async def _wait(transaction: Transaction, record: Record, outcome: Outcome, order: ClusterOrder) -> None:
    """Without a cloud the cluster waits for one to appear. Its generation stays unobserved, so that the
    sweep asks again."""
    reason = {"code": ReasonCode.NO_SUITABLE_RESOURCE, "message": outcome.summary}
    changes = {"state": ClusterState.PENDING, "reason": reason, "message": "waiting for a cloud that fits"}
    known = all(record.status.get(name) == value for name, value in changes.items())
    event = None if known else NewEvent("Unplaced", outcome.summary, cause=order.cause)
    await transaction.write_status(record, changes, event)


async def _bind(transaction: Transaction, record: Record, cloud: Record, order: ClusterOrder) -> None:
    bound = place_reference(target_of(cloud))
    event = None
    changes = {
        "state": ClusterState.CREATING,
        "reason": None,
        "message": f"being made on cloud {cloud.name}",
        "provisioning": in_phase(record, ProvisioningPhase.CREATING),
    }
    if record.status.get("scheduled_to") != bound:
        changes |= {"scheduled": datetime.now(UTC).isoformat(), "scheduled_to": bound}
        event = NewEvent("Scheduled", f"to cloud {cloud.name}", cause=order.cause)
    await transaction.write_status(record, changes, event)

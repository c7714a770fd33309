"""Choosing a cluster for an application: the scheduler fed from the store, its decision recorded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from temporalio import activity
from temporalio.client import Client

from activities.failures import user_error
from activities.hooks.effective import EffectiveManifests, namespace_of
from activities.kubernetes.objects import ObjectKey
from activities.metrics import DECISIONS
from activities.moving.restraint import leaves
from activities.provisioning.automatic import AutomaticClusters
from activities.store.inventory import inventory
from activities.store.manifests import TRANSLATED, manifest_of, require_translation
from activities.waking import target_of
from krake import temporal
from krake.automatic import no_longer_waiting
from krake.errors import KrakeError
from krake.inheriting import Clouds, clouds_above, cluster_documents
from krake.messages.base import Target
from krake.messages.deploying import Deployment, Placement
from krake.models.application import ApplicationState, ObjectStatus
from krake.models.reasons import ReasonCode
from krake.moves import held_back, is_deployed, request_migration, request_of
from krake.resources import document, reference
from krake.settings import Settings
from krake.store import NewEvent, Record, Store, Transaction
from scheduler.amounts import Amounts
from scheduler.decide import Outcome
from scheduler.documents import Metrics, needed_on
from scheduler.offers import metrics_on
from scheduler.placing import Situation, decide_on
from scheduler.record import encode


class PlacementActivities:
    """Places applications with the same pure function that explains the decision.

    Args:
        store: the store.
        settings: the settings.
        client: wakes clusters that are ordered at once; without one the sweep does.
    """

    def __init__(self, store: Store, settings: Settings, client: Client | None = None) -> None:
        self._store = store
        self._settings = settings
        self._client = client
        self._automatic = AutomaticClusters(settings)
        self._manifests = EffectiveManifests(store, settings)

    @activity.defn(name="place_application")
    async def place_application(self, deployment: Deployment) -> Placement:
        """Choose the cluster, and record the decision and what will be applied there, in one transaction.

        An application that asks for it may get a new cluster instead.
        """
        placement, ordered = await self._place(deployment)
        if ordered is not None and self._client is not None:
            await temporal.wake(self._client, target_of(ordered), f"made for {deployment.target.name}")
        return placement

    async def _place(self, deployment: Deployment) -> tuple[Placement, Record | None]:
        """The placement, and the cluster that was ordered for it."""
        clusters = (await self._store.list("Cluster", deployment.target.namespace)).items
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(deployment.target.uid)
            if record is None or record.deleted is not None:
                raise user_error(ReasonCode.INVALID_RESOURCE, "the application is being deleted")
            require_translation(record)
            # Read under the write lock: nobody else can reserve the same room until this one commits.
            reserved = await transaction.reserved(deployment.target.namespace)
            max_age = self._settings.metric_max_age
            clouds = await clouds_above(transaction, clusters)
            metrics = await metrics_on(transaction, clusters, datetime.now(UTC), max_age, clouds)
            siblings = await transaction.siblings(record)
            decision = self._decide(record, clusters, clouds, reserved, metrics, siblings, deployment.trigger)
            if leaves(record, decision):
                return await _ask_to_move(transaction, record, decision), None
            await transaction.record_decision(record, encode(decision))
            DECISIONS.labels("placed" if decision.chosen else "unplaced").inc()
            answer = await self._automatic.consider(transaction, record, decision, deployment.cause)
            if answer.cluster is not None:
                waits = f"waits for cluster {answer.cluster.name}"
                placement = Placement(generation=record.generation, message=waits)
                return placement, answer.cluster if answer.made else None
            chosen = next(
                (item for item in clusters if decision.chosen and item.name == decision.chosen.name), None
            )
            if chosen is None:
                pending = await _stay_pending(transaction, record, decision, deployment.cause, answer.note)
                return pending, None
            bound = await self._bind(transaction, record, chosen, deployment, reservation_on(decision))
            return bound, None

    def _decide(
        self,
        record: Record,
        clusters: list[Record],
        clouds: Clouds,
        reserved: Mapping[str, Amounts],
        metrics: Metrics,
        siblings: list[str],
        trigger: str,
    ) -> Outcome:
        """Decide on the situation.

        Raises:
            ApplicationError: the manifest asks for something that is no quantity.
        """
        now = datetime.now(UTC)
        situation = Situation(
            application=document(record, now=now),
            manifest=manifest_of(record),
            clusters=cluster_documents(clusters, clouds, now),
            reserved=reserved,
            held_back=held_back(record, now),
            now=now,
            metrics=metrics,
            siblings=siblings,
        )
        try:
            return decide_on(situation, trigger=trigger, stickiness=self._settings.stickiness)
        except KrakeError as error:
            raise user_error(ReasonCode.INVALID_RESOURCE, error.what) from None

    async def _bind(
        self,
        transaction: Transaction,
        record: Record,
        cluster: Record,
        deployment: Deployment,
        reservation: dict[str, int],
    ) -> Placement:
        target = Target(kind="Cluster", namespace=cluster.namespace, name=cluster.name, uid=cluster.uid)
        manifest = await self._manifests.on(transaction, record, cluster)
        changes: dict[str, Any] = {
            "state": _state_of(record, deployment),
            "message": f"applying {len(manifest)} objects on {cluster.name}",
            "reserved": {cluster.uid: reservation},
            "objects": [
                item.model_dump(mode="json") for item in foreseen(manifest, cluster, inventory(record))
            ],
            **_answered(record),
            **no_longer_waiting(record),
        }
        if _is_answered(record, changes["state"]):
            changes["reason"] = None
        if record.spec.get("manifest") and record.status.get(TRANSLATED):
            # What an earlier template was translated to must not come back.
            changes[TRANSLATED] = None
        cause = deployment.cause
        event = None
        if changes["state"] != record.status.get("state"):
            event = NewEvent(changes["state"].title(), changes["message"], cause=cause)
        if record.status.get("scheduled_uid") != cluster.uid:
            changes |= {
                "scheduled": datetime.now(UTC).isoformat(),
                "scheduled_to": reference(target),
                "scheduled_uid": cluster.uid,
            }
            event = NewEvent("Scheduled", f"to cluster {cluster.name}", cause=cause)
        record = await transaction.write_status(record, changes, event)
        return Placement(
            cluster=target,
            generation=record.generation,
            objects=len(manifest),
            readiness_timeout=record.spec.get("readiness_timeout") or self._settings.readiness_timeout,
        )


async def _ask_to_move(transaction: Transaction, record: Record, decision: Outcome) -> Placement:
    """Have the application moved: the new version is applied on the other cluster, and only there."""
    why = f"{decision.trigger}: {decision.summary}"
    await request_migration(transaction, record, trigger=why, actor="krake scheduler")
    return Placement(generation=record.generation, message=f"moves: {decision.summary}", moving=True)


def _answered(record: Record) -> dict[str, Any]:
    """A request to move an application that is nowhere is answered by placing it."""
    return {"request": None} if request_of(record) is not None and not is_deployed(record) else {}


def _state_of(record: Record, deployment: Deployment) -> str:
    """The state while it is deployed; further attempts stay DEGRADED until one of them works."""
    if deployment.attempt > 1 and record.status.get("state") == ApplicationState.DEGRADED:
        return ApplicationState.DEGRADED.value
    again = record.status.get("deployed_at") is not None
    return ApplicationState.RECONCILING.value if again else ApplicationState.CREATING.value


def _is_answered(record: Record, state: str) -> bool:
    """Whether what is wrong so far is no more: a cluster was missing, or this is a new beginning."""
    code = (record.status.get("reason") or {}).get("code")
    return state != ApplicationState.DEGRADED or code == ReasonCode.NO_SUITABLE_RESOURCE


async def _stay_pending(
    transaction: Transaction, record: Record, decision: Outcome, cause: str, note: str = ""
) -> Placement:
    """Without a cluster the application waits: for a cluster to appear, or for its constraints to change.

    What runs already stays where it is: it only cannot be changed.
    """
    bound = bool(record.status.get("objects"))
    state = ApplicationState.DEGRADED if bound else ApplicationState.PENDING
    words = f"{decision.summary}; {note}" if note else decision.summary
    reason = {"code": ReasonCode.NO_SUITABLE_RESOURCE, "message": words}
    changes = {
        "state": state,
        "reason": reason,
        "message": "waiting for a cluster that fits",
        "observed_generation": record.generation,
        **({} if bound else {"reserved": {}}),
        **({} if record.spec.get("auto_cluster_create") else no_longer_waiting(record)),
        **_answered(record),
    }
    shown = [record.status.get(field) for field in ("state", "reason", "observed_generation")]
    known = shown == [state, reason, record.generation]
    event = None if known else NewEvent("Unplaced", words, cause=cause)
    await transaction.write_status(record, changes, event)
    return Placement(generation=record.generation, message=words)


def reservation_on(decision: Outcome) -> dict[str, int]:
    """What the application takes of the cluster that was chosen for it."""
    chosen = decision.chosen
    return {} if chosen is None else dict(needed_on(decision.request, chosen))


def foreseen(
    manifest: list[dict[str, Any]], cluster: Record, there: list[ObjectStatus]
) -> list[ObjectStatus]:
    """The inventory of a cluster with everything the manifest names, written before anything is applied.

    Whatever happens between the first object and the last, deletion knows where to look.
    """
    default = namespace_of(cluster)
    known = {(item.api_version, item.kind, item.namespace or default, item.name): item for item in there}
    objects = list(known.values())
    for item in manifest:
        namespace = item["metadata"].get("namespace") or default
        key = ObjectKey(item["apiVersion"], item["kind"], namespace, item["metadata"]["name"])
        if (key.api_version, key.kind, key.namespace, key.name) not in known:
            objects.append(
                ObjectStatus(api_version=key.api_version, kind=key.kind, namespace=namespace, name=key.name)
            )
    return objects

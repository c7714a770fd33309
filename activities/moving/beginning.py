"""The first step of a move: choose the target and reserve it, or say why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from temporalio import activity

from activities.hooks.effective import EffectiveManifests
from activities.metrics import DECISIONS
from activities.moving.data import deletes_first, out_of_reach, would_be_lost
from activities.moving.moves import answers, may_be_asked, move_of
from activities.moving.refusal import drop, park, refuse, wait_until
from activities.placement import foreseen
from activities.waking import target_of
from krake.errors import KrakeError
from krake.inheriting import Clouds, clouds_above, cluster_documents
from krake.manifests import manifest_of
from krake.messages.deploying import Deployment
from krake.messages.moving import Move
from krake.models.application import ApplicationState
from krake.models.metadata import ResourceRef
from krake.models.migration import MigrationPhase, MigrationStatus
from krake.models.requests import Request
from krake.moves import is_deployed, migration_of, request_of
from krake.resources import document, reference
from krake.settings import Settings
from krake.store import NewEvent, Record, Store, Transaction
from scheduler.decision import Decision
from scheduler.documents import Metrics
from scheduler.moves import choose_move, why_not
from scheduler.offers import metrics_on


class BeginningActivities:
    """Begins moves, and takes up those that a crash has interrupted."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._manifests = EffectiveManifests(store, settings)

    @activity.defn(name="begin_migration")
    async def begin_migration(self, order: Deployment) -> Move:
        """Choose the target; the decision and the reservation are written in one transaction.

        A move that has begun already is returned as far as it has come.
        """
        clusters = (await self._store.list("Cluster", order.target.namespace)).items
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(order.target.uid)
            if record is None:
                return Move(target=order.target, message="the application is gone")
            running = migration_of(record)
            if running is not None:
                source = _by_uid(clusters, running.source_uid)
                return move_of(record, running, source, self._settings)
            request = request_of(record)
            if record.deleted or request is None or request.id != order.migration or not is_deployed(record):
                return Move(target=order.target, message="nothing is to be moved any more")
            return await self._begin(transaction, record, request, clusters)

    async def _begin(
        self, transaction: Transaction, record: Record, request: Request, clusters: list[Record]
    ) -> Move:
        source = _by_uid(clusters, record.status["scheduled_uid"])
        if request.failover and source is not None and answers(source) and source.deleted is None:
            return await drop(transaction, record, f"cluster {source.name} answers again")
        if why := out_of_reach(record, source):
            return await self._decline(transaction, record, request, why)
        try:
            reserved = await transaction.reserved(record.namespace)
            max_age = self._settings.metric_max_age
            clouds = await clouds_above(transaction, clusters)
            metrics = await metrics_on(transaction, clusters, datetime.now(UTC), max_age, clouds)
            siblings = await transaction.siblings(record)
            choice = self._choose(record, request, clusters, clouds, reserved, metrics, siblings)
        except KrakeError as error:
            return await self._decline(transaction, record, request, error.what)
        await transaction.record_decision(record, choice.decision.model_dump(mode="json"))
        DECISIONS.labels("placed" if choice.cluster else "unplaced").inc()
        if choice.later is not None:
            return await wait_until(transaction, record, request, choice.later)
        if choice.cluster is None and not (request.evict and may_be_asked(source)):
            why = why_not(choice.decision, request.cluster)
            return await self._decline(transaction, record, request, why)
        if why := would_be_lost(record, request, source, placed=choice.cluster is not None):
            return await self._decline(transaction, record, request, why)
        return await self._reserve(transaction, record, request, choice, source)

    async def _decline(self, transaction: Transaction, record: Record, request: Request, why: str) -> Move:
        """Who has to leave waits; everybody else is told at once."""
        if request.leave:
            return await park(transaction, record, request, why)
        return await refuse(transaction, record, request, why, self._settings)

    def _choose(
        self,
        record: Record,
        request: Request,
        clusters: list[Record],
        clouds: Clouds,
        reserved: Mapping[str, tuple[tuple[str, int], ...]],
        metrics: Metrics,
        siblings: list[str],
    ) -> _Choice:
        now = datetime.now(UTC)
        found = choose_move(
            document(record, now=now),
            cluster_documents(clusters, clouds, now),
            request,
            now=now,
            stickiness=self._settings.stickiness,
            manifest=manifest_of(record),
            reserved=reserved,
            metrics=metrics,
            siblings=siblings,
        )
        winner = found.decision.winner
        chosen = _by_uid(clusters, winner.uid) if winner else None
        return _Choice(found.decision, chosen, found.later, dict(found.reservation))

    async def _reserve(
        self,
        transaction: Transaction,
        record: Record,
        request: Request,
        choice: _Choice,
        source: Record | None,
    ) -> Move:
        manifest = await self._manifests.on(transaction, record, choice.cluster)
        migration = _migration(record, request, choice, source, manifest)
        where = choice.cluster.name if choice.cluster else "nowhere, as no other cluster fits"
        changes: dict[str, Any] = {
            "request": None,
            "reserved": _reserved(record, choice),
            "migration": migration.model_dump(mode="json"),
            "state": ApplicationState.MIGRATING,
            "reason": None,
            "message": _first_message(record, migration),
            "retries": None,
            "scheduled_retry": None,
        }
        asked = await transaction.latest_cause(record.uid, "MigrationRequested")
        words = f"from {migration.source.name} to {where}: {request.trigger}"
        event = NewEvent("Migrating", words, request.actor, asked or request.trigger)
        record = await transaction.write_status(record, changes, event)
        return move_of(record, migration, source, self._settings)


@dataclass(frozen=True, slots=True)
class _Choice:
    """The decision and the cluster that it is for; `later` is when to choose again."""

    decision: Decision
    cluster: Record | None
    later: datetime | None
    reservation: dict[str, int]


def _migration(
    record: Record,
    request: Request,
    choice: _Choice,
    source: Record | None,
    manifest: list[dict[str, Any]],
) -> MigrationStatus:
    delete_first = choice.cluster is None or deletes_first(record, request, source)
    status, cluster = record.status, choice.cluster
    return MigrationStatus(
        id=request.id,
        source=ResourceRef.model_validate(status["scheduled_to"]),
        source_uid=status["scheduled_uid"],
        target=ResourceRef.model_validate(reference(target_of(cluster))) if cluster else None,
        target_uid=cluster.uid if cluster else "",
        generation=record.generation,
        phase=MigrationPhase.REMOVING if delete_first else MigrationPhase.APPLYING,
        trigger=request.trigger,
        leave=request.leave,
        delete_first=delete_first,
        request=request,
        started=datetime.now(UTC),
        before={field: status.get(field) for field in ("state", "reason", "message")},
        message="" if cluster else choice.decision.summary,
        objects=[item.model_dump(mode="json") for item in foreseen(manifest, cluster, [])] if cluster else [],
    )


def _reserved(record: Record, choice: _Choice) -> dict[str, dict[str, int]]:
    """What it holds where it is, until it has left, and what it takes where it goes."""
    source = record.status["scheduled_uid"]
    held = (record.status.get("reserved") or {}).get(source) or {}
    return {source: held, **({choice.cluster.uid: choice.reservation} if choice.cluster else {})}


def _first_message(record: Record, migration: MigrationStatus) -> str:
    if migration.delete_first or migration.target is None:
        return f"removing its objects from {migration.source.name}"
    return f"applying {len(migration.objects)} objects on {migration.target.name}"


def _by_uid(clusters: list[Record], uid: str) -> Record | None:
    return next((one for one in clusters if one.uid == uid), None)

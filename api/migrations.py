"""Moving an application on a user's word: what can be refused at once is, the rest is its lifecycle's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from api.deps import RequestInfo, Services
from api.problems import invalid_field
from krake.inheriting import Clouds, clouds_above, cluster_documents
from krake.manifests import manifest_of
from krake.messages.base import Target
from krake.models.application import ApplicationStatus
from krake.models.kinds import APPLICATION
from krake.models.metadata import ResourceRef
from krake.models.migration import INTERRUPTIBLE, MigrationOrder, MigrationPlan
from krake.models.requests import MigrationStrategy, Request, RequestKind
from krake.moves import (
    CannotMoveError,
    cancel_migration,
    is_deployed,
    migration_of,
    request_migration,
)
from krake.resources import document
from krake.store.records import Record
from krake.volumes.analysis import carries_data
from scheduler.amounts import Amounts
from scheduler.decision import Decision
from scheduler.documents import Metrics
from scheduler.moves import choose_move, why_not
from scheduler.offers import metrics_on

_TRIGGER = "asked for by {}"


async def migrate(
    services: Services, info: RequestInfo, namespace: str, name: str, order: MigrationOrder
) -> Record:
    """Ask for the move and wake the lifecycle.

    Raises:
        NotFound: there is no such application.
        CannotMoveError: it runs nowhere, is on its way already, or fits nowhere else.
        ProblemError: 422, there is no cluster of that name.
    """
    clusters = await _clusters(services, namespace, order)
    max_age = services.settings.metric_max_age
    async with services.store.transaction() as transaction:
        record = await transaction.get(APPLICATION.name, namespace, name)
        _check(record, order)
        if migration_of(record) is None:
            reserved = await transaction.reserved(namespace)
            clouds = await clouds_above(transaction, clusters)
            metrics = await metrics_on(transaction, clusters, datetime.now(UTC), max_age, clouds)
            siblings = await transaction.siblings(record)
            decision = _decide(services, info, record, clusters, clouds, reserved, metrics, siblings, order)
            if decision.chosen is None:
                raise CannotMoveError(
                    f"Application '{name}' cannot be migrated", why=why_not(decision, order.cluster)
                )
        record = await request_migration(
            transaction,
            record,
            cluster=order.cluster,
            strategy=order.strategy,
            trigger=_TRIGGER.format(info.user.name),
            actor=info.user.name,
            cause=f"request {info.id}",
        )
    _wake(services, info, record, "migration requested")
    return record


async def plan(
    services: Services, info: RequestInfo, namespace: str, name: str, order: MigrationOrder
) -> MigrationPlan:
    """What the move would do, by the same decision; nothing is stored.

    Raises:
        NotFound: there is no such application.
        CannotMoveError: it runs nowhere, or is on its way already.
        ProblemError: 422, there is no cluster of that name.
    """
    clusters = await _clusters(services, namespace, order)
    record = await services.store.get(APPLICATION.name, namespace, name)
    _check(record, order)
    reserved = await services.store.reserved(namespace)
    max_age = services.settings.metric_max_age
    clouds = await clouds_above(services.store, clusters)
    metrics = await metrics_on(services.store, clusters, datetime.now(UTC), max_age, clouds)
    siblings = await services.store.siblings(record)
    decision = _decide(services, info, record, clusters, clouds, reserved, metrics, siblings, order)
    strategy = order.strategy or MigrationStrategy(
        record.spec.get("migration_strategy", MigrationStrategy.CREATE_FIRST)
    )
    status = ApplicationStatus.model_validate(record.status)
    return MigrationPlan(
        source=ResourceRef.model_validate(record.status["scheduled_to"]),
        target=decision.chosen,
        strategy=strategy,
        downtime=strategy is MigrationStrategy.DELETE_FIRST,
        data=carries_data(manifest_of(record)),
        creates=[f"{item['kind']}/{item['metadata']['name']}" for item in manifest_of(record)],
        removes=[f"{item.kind}/{item.name}" for item in status.objects],
        decision=decision.model_dump(mode="json"),
    )


async def cancel(services: Services, info: RequestInfo, namespace: str, name: str) -> Record:
    """Take the move back and wake the lifecycle.

    Raises:
        NotFound: there is no such application.
        CannotMoveError: there is nothing to cancel, or it is too late.
    """
    async with services.store.transaction() as transaction:
        record = await transaction.get(APPLICATION.name, namespace, name)
        record = await cancel_migration(transaction, record, info.event("MigrationCancelRequested"))
    _wake(services, info, record, "migration cancelled")
    return record


async def _clusters(services: Services, namespace: str, order: MigrationOrder) -> list[Record]:
    clusters = (await services.store.list("Cluster", namespace)).items
    if order.cluster is not None and order.cluster not in {cluster.name for cluster in clusters}:
        raise invalid_field("cluster", f"There is no cluster '{order.cluster}' in namespace '{namespace}'")
    return clusters


def _check(record: Record, order: MigrationOrder) -> None:
    """Refuse what would make no sense, whatever the scheduler says."""
    what = f"Application '{record.name}' cannot be migrated"
    if record.deleted is not None:
        raise CannotMoveError(what, why="It is being deleted")
    running = migration_of(record)
    if running is not None:
        there = running.target.name if running.target else "nowhere"
        if running.phase in INTERRUPTIBLE and order.cluster in (None, there) and not order.dry_run:
            return
        raise CannotMoveError(
            what,
            why=f"It is on its way from {running.source.name} to {there}",
            fix=f"Wait for the end, or cancel that: `rok kube app cancel {record.name}`",
        )
    if not is_deployed(record):
        raise CannotMoveError(what, why="It runs on no cluster yet; it is placed as soon as one fits")
    if order.cluster == record.status["scheduled_to"]["name"]:
        raise CannotMoveError(what, why=f"It is on {order.cluster} already")


def _decide(
    services: Services,
    info: RequestInfo,
    record: Record,
    clusters: list[Record],
    clouds: Clouds,
    reserved: Mapping[str, Amounts],
    metrics: Metrics,
    siblings: list[str],
    order: MigrationOrder,
) -> Decision:
    now = datetime.now(UTC)
    wish = Request(
        id=info.id,
        kind=RequestKind.MIGRATE,
        cluster=order.cluster,
        strategy=order.strategy,
        trigger=_TRIGGER.format(info.user.name),
        actor=info.user.name,
        at=now,
    )
    choice = choose_move(
        document(record, now=now),
        cluster_documents(clusters, clouds, now),
        wish,
        now=now,
        stickiness=services.settings.stickiness,
        manifest=manifest_of(record),
        reserved=reserved,
        metrics=metrics,
        siblings=siblings,
    )
    return choice.decision


def _wake(services: Services, info: RequestInfo, record: Record, what: str) -> None:
    target = Target(kind=record.kind, namespace=record.namespace, name=record.name, uid=record.uid)
    services.waker.wake(target, f"{what} by {info.user.name} (request {info.id})")

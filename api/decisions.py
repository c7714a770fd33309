"""Decisions that are looked at and not made: what-ifs and dry runs. Nothing is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from api.deps import Services
from api.problems import ProblemError, invalid_field
from krake.errors import KrakeError
from krake.inheriting import clouds_above, cluster_documents
from krake.manifests import manifest_of
from krake.models.application import Application
from krake.models.kinds import APPLICATION, Kind
from krake.models.what_if import WhatIf
from krake.moves import held_back
from krake.resources import document
from krake.store.records import Record
from krake.store.transaction import Transaction
from scheduler.decision import Decision
from scheduler.offers import metrics_on
from scheduler.placing import Situation, decide_on
from scheduler.record import recorded
from scheduler.render import render
from scheduler.requirements import needs

Document = dict[str, Any]
Look = Callable[[Transaction, Record], Awaitable[None]]


async def suppose(services: Services, namespace: str, name: str, what_if: WhatIf) -> Decision:
    """What would be decided about an application if something were different.

    Raises:
        NotFound: there is no such application.
        ProblemError: 422, it speaks of a cluster or metric that is not there.
    """
    record = await services.store.get(APPLICATION.name, namespace, name)
    return await _decision(services, record, "what if", what_if)


async def rehearse(services: Services, kind: Kind, write: Callable[[Look], Awaitable[Record]]) -> Document:
    """What creating or updating a resource would give, and what would be decided then.

    The write is made as it always is, and taken back before it is committed: it refuses what it always does.

    Args:
        services: the API's parts.
        kind: the kind of the resource.
        write: makes the write, and calls what it is given at the end of its transaction.

    Raises:
        ProblemError: the write is refused.
    """
    try:
        await write(_take_back)
    except _NotKeptError as kept:
        record = kept.record
        if await services.store.get_by_uid(record.uid) is None:
            record = replace(record, uid="")
        shown = document(record)
        decision = None
        if kind.name == APPLICATION.name and record.deleted is None:
            trigger = "dry run of an update" if record.generation > 1 else "dry run of a creation"
            decision = await _decision(services, record, trigger)
        return {
            "api": kind.api,
            "kind": "DryRun",
            "resource": shown,
            "decision": decision and decision.model_dump(mode="json"),
        }
    raise AssertionError("a rehearsal never commits")


async def _take_back(_: Transaction, record: Record) -> None:
    raise _NotKeptError(record)


class _NotKeptError(Exception):
    """Ends a transaction that must not be committed."""

    def __init__(self, record: Record) -> None:
        super().__init__()
        self.record = record


async def _decision(
    services: Services, record: Record, trigger: str, what_if: WhatIf | None = None
) -> Decision:
    now = datetime.now(UTC)
    clusters = (await services.store.list("Cluster", record.namespace)).items
    clouds = await clouds_above(services.store, clusters)
    max_age = services.settings.metric_max_age
    situation = Situation(
        application=document(record, now=now),
        manifest=manifest_of(record),
        clusters=cluster_documents(clusters, clouds, now),
        reserved=await services.store.reserved(record.namespace),
        held_back=held_back(record, now),
        now=now,
        metrics=await metrics_on(services.store, clusters, now, max_age, clouds),
        siblings=await services.store.siblings(record),
    )

    def decide() -> Decision:
        stickiness = services.settings.stickiness
        return render(recorded(decide_on(situation, trigger=trigger, stickiness=stickiness, what_if=what_if)))

    try:
        return await asyncio.to_thread(decide)
    except KrakeError as error:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, f"{error.what}. {error.why}".strip()) from None


def check_requests(application: Application) -> None:
    """Refuse a manifest that asks for something that is no quantity.

    Raises:
        ProblemError: 422, naming the object.
    """
    try:
        needs(application.spec.manifest)
    except KrakeError as error:
        raise invalid_field("spec.manifest", f"{error.what}. {error.why}".strip(". ")) from None

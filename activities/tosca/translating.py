"""The activity that turns an application's TOSCA template or CSAR archive into its manifest."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from temporalio import activity

from activities.failures import passing_error, user_error
from activities.heartbeats import with_heartbeats
from activities.store.manifests import TRANSLATED, manifest_of, needs_translation
from activities.tosca.order import Limits, Order, Outcome
from activities.tosca.process import limits_of, translate_apart
from krake.messages.deploying import Deployment, Translated
from krake.models.application import ApplicationState
from krake.models.reasons import ReasonCode
from krake.settings import Settings
from krake.store import NewEvent, Record, Store
from krake.tosca import shown_url

_AT_ONCE = 4
"""Translating processes of one worker at the same time: each may take up to a gigabyte."""


class TranslatingActivities:
    """Translates templates. A generation is translated once; calling again changes nothing."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._limits = limits_of(settings)
        self._slots = asyncio.Semaphore(_AT_ONCE)

    @activity.defn(name="translate_application")
    async def translate_application(self, deployment: Deployment) -> Translated:
        """Translate the newest generation and keep the result in the status.

        Raises:
            ApplicationError: INVALID_TOSCA_MANIFEST; not retryable where the user has to mend the template.
        """
        return await with_heartbeats(self._translate(deployment.target.uid))

    async def _translate(self, uid: str) -> Translated:
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(uid)
            if record is None or record.deleted is not None:
                raise user_error(ReasonCode.INVALID_RESOURCE, "the application is being deleted")
            if not needs_translation(record):
                return Translated(generation=record.generation, objects=len(manifest_of(record)))
            message = f"translating {_source(record.spec)}"
            await transaction.write_status(
                record, {"state": ApplicationState.TRANSLATING, "message": message}
            )
        async with self._slots:
            outcome = await translate_apart(_order(record, self._limits))
        if outcome.problem:
            fail = passing_error if outcome.passing else user_error
            raise fail(ReasonCode.INVALID_TOSCA_MANIFEST, outcome.problem)
        await self._keep(record, outcome)
        return Translated(generation=record.generation, objects=len(outcome.manifest))

    async def _keep(self, translated: Record, outcome: Outcome) -> None:
        kept = {
            "generation": translated.generation,
            "digest": outcome.digest,
            "count": len(outcome.manifest),
            "translated_at": datetime.now(UTC).isoformat(),
            "manifest": outcome.manifest,
        }
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(translated.uid)
            if record is None:
                raise user_error(ReasonCode.INVALID_RESOURCE, "the application is being deleted")
            event = NewEvent("Translated", f"{_source(translated.spec)}: {len(outcome.manifest)} objects")
            await transaction.write_status(record, {TRANSLATED: kept}, event)


def _order(record: Record, limits: Limits) -> Order:
    spec = record.spec
    return Order(
        tosca=spec.get("tosca") or {},
        csar=spec.get("csar"),
        inputs=spec.get("tosca_inputs") or {},
        limits=limits,
    )


def _source(spec: dict[str, Any]) -> str:
    """What is translated, in words that hold no secret."""
    tosca, csar = spec.get("tosca"), spec.get("csar")
    if isinstance(tosca, str) and tosca:
        return f"the TOSCA template at {shown_url(tosca)}"
    return "the TOSCA template" if tosca else f"the CSAR archive at {shown_url(csar or '')}"

"""What was desired of a resource before: its generations, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from krake.models.application import ApplicationState
from krake.store.reads import Reads
from krake.store.records import NewEvent, Record

KEPT_KINDS = frozenset({"Application"})
"""Kinds whose generations are kept. Their specs hold no credentials of Krake's own."""

GENERATIONS_KEPT = 20
"""Generations of one resource that are kept where the settings say nothing."""

_READY = frozenset({ApplicationState.RUNNING, ApplicationState.COMPLETED})


class Outcome(StrEnum):
    """What became of a generation."""

    OPEN = ""
    """Nothing yet, or it was replaced before it was clear."""
    GOOD = "good"
    """Everything was ready once."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Generation:
    """One generation of what is desired. The fields are in the order of the table's columns."""

    uid: str
    generation: int
    at: datetime
    actor: str
    cause: str
    spec: dict[str, Any]
    labels: dict[str, str]
    outcome: str
    message: str
    """Why it failed."""


class GenerationReads(Reads):
    """Reading generations, inside and outside of a transaction."""

    async def generations(self, uid: str) -> list[Generation]:
        """The kept generations of a resource, newest first; also of a removed one for a while."""
        rows = await self._session.fetch(self._statements.history.all, p_uid=uid)
        return [Generation(*row) for row in rows]

    async def generation(self, uid: str, number: int) -> Generation | None:
        """One generation of a resource, or None where it is not kept."""
        rows = await self._session.fetch(self._statements.history.one, p_uid=uid, p_generation=number)
        return Generation(*rows[0]) if rows else None

    async def cause_of_generation(self, uid: str, number: int) -> str:
        """What led to a generation: a request's id; empty where that is not known."""
        rows = await self._session.fetch(self._statements.history.origin, p_uid=uid, p_generation=number)
        return str(rows[0][0]) if rows else ""


class GenerationWrites(GenerationReads):
    """Keeping generations within a write transaction.

    `generations_kept` is how many of one resource are kept; the last good one is kept beyond that.
    """

    generations_kept = GENERATIONS_KEPT

    async def _keep_generation(self, record: Record, event: NewEvent) -> None:
        """Remember the resource's new generation, and forget those that are too old."""
        if record.kind not in KEPT_KINDS:
            return
        statements = self._statements.history
        await self._session.fetch(
            statements.add,
            n_uid=record.uid,
            n_generation=record.generation,
            n_at=datetime.now(UTC),
            n_actor=event.actor,
            n_cause=event.cause,
            n_spec=record.spec,
            n_labels=record.labels,
            n_outcome=Outcome.OPEN.value,
            n_message="",
        )
        oldest = record.generation - self.generations_kept
        if oldest > 0:
            good = int(record.status.get("last_good_generation") or 0)
            await self._session.fetch(statements.trim, p_uid=record.uid, p_generation=oldest, p_good=good)

    async def _judge_generation(self, before: Record, after: Record) -> None:
        """Remember what the new status says of the present generation, where that is news."""
        verdict = _verdict(after)
        if verdict is None or verdict == _verdict(before):
            return
        outcome, message = verdict
        await self._session.fetch(
            self._statements.history.judge,
            p_uid=after.uid,
            p_generation=after.generation,
            n_outcome=outcome.value,
            n_message=message,
        )


def with_last_good(record: Record, status: dict[str, Any]) -> dict[str, Any]:
    """The new status of a resource; when its present generation is ready now, that is the last good one, and
    a rollback of an earlier one is history."""
    if not _is_ready(record, status):
        return status
    back = status.get("rolled_back")
    if back and back.get("generation") != record.generation:
        back = None
    return {**status, "last_good_generation": record.generation, "rolled_back": back}


def _is_ready(record: Record, status: dict[str, Any]) -> bool:
    current = status.get("observed_generation") == record.generation
    return record.kind in KEPT_KINDS and current and status.get("state") in _READY


def _verdict(record: Record) -> tuple[Outcome, str] | None:
    if _is_ready(record, record.status):
        return Outcome.GOOD, ""
    failed = record.status.get("state") == ApplicationState.FAILED
    if record.kind in KEPT_KINDS and failed and record.status.get("observed_generation") == record.generation:
        reason = record.status.get("reason") or {}
        return Outcome.FAILED, f"{reason.get('code', '')}: {reason.get('message', '')}"
    return None

"""The history of what was desired of an application, and returning to an earlier generation."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from api.deps import RequestInfo, Services
from api.problems import ProblemError, Title
from krake.differences import summary
from krake.messages.base import Target
from krake.models.history import GenerationDetail, GenerationEntry, GenerationState
from krake.store import Generation, NotFound, Outcome, Record, Transaction


def entries(kept: Sequence[Generation], current: int | None) -> list[GenerationEntry]:
    """The kept generations (newest first) as the history shows them.

    Args:
        kept: what the store has.
        current: the generation that is desired now; None for a removed application.
    """
    older = [*kept[1:], None]
    return [_entry(item, before, current) for item, before in zip(kept, older, strict=True)]


def detail(kept: Sequence[Generation], current: int | None, number: int) -> GenerationDetail | None:
    """One of the kept generations with its whole spec; None where it is not kept."""
    for entry, item in zip(entries(kept, current), kept, strict=True):
        if item.generation == number:
            return GenerationDetail(**entry.model_dump(), spec=item.spec, labels=item.labels)
    return None


async def roll_back(
    services: Services, info: RequestInfo, namespace: str, name: str, number: int | None
) -> Record:
    """Make an earlier generation the desired one again, as a new generation; wake the lifecycle.

    Args:
        number: which one; the newest good one that differs from what is desired now where it is None.

    Raises:
        NotFound: there is no such application, or it does not keep that generation.
        ProblemError: 409, the application is being deleted, or there is nothing to return to.
    """
    async with services.store.transaction() as transaction:
        stored = await transaction.get("Application", namespace, name)
        _check(stored)
        back = await _chosen(transaction, stored, number)
        message = f"from generation {stored.generation} to {back.generation}"
        record = await transaction.update_spec(
            stored, labels=back.labels, spec=back.spec, event=info.event("RolledBack", message)
        )
    if record.generation != stored.generation:
        target = Target(kind=record.kind, namespace=record.namespace, name=record.name, uid=record.uid)
        services.waker.wake(target, f"rolled back by {info.user.name} (request {info.id})")
    return record


def _entry(item: Generation, before: Generation | None, current: int | None) -> GenerationEntry:
    changes = summary(_desired(before), _desired(item)) if before else []
    return GenerationEntry(
        generation=item.generation,
        at=item.at,
        actor=item.actor,
        cause=item.cause,
        state=_state(item, current),
        message=item.message,
        changes=changes,
    )


def _desired(item: Generation) -> dict[str, Any]:
    return {"labels": item.labels, **item.spec}


def _state(item: Generation, current: int | None) -> GenerationState:
    if item.outcome == Outcome.FAILED:
        return GenerationState.FAILED
    if item.generation == current:
        return GenerationState.CURRENT
    return GenerationState.GOOD if item.outcome == Outcome.GOOD else GenerationState.SUPERSEDED


def _check(stored: Record) -> None:
    if stored.deleted is not None:
        raise ProblemError(
            HTTPStatus.CONFLICT,
            f"Application '{stored.name}' is being deleted and cannot be changed any more",
            title=Title.UPDATE_ERROR,
        )


async def _chosen(transaction: Transaction, stored: Record, number: int | None) -> Generation:
    if number is not None:
        found = await transaction.generation(stored.uid, number)
        if found is None:
            raise NotFound(
                f"Application '{stored.name}' keeps no generation {number}",
                fix=f"See which ones it keeps: rok kube app history {stored.name}",
            )
        return found
    for item in await transaction.generations(stored.uid):
        differs = (item.spec, item.labels) != (stored.spec, stored.labels)
        if item.outcome == Outcome.GOOD and differs:
            return item
    raise ProblemError(
        HTTPStatus.CONFLICT,
        f"Application '{stored.name}' has no earlier generation that became ready. "
        "Name the one to return to, or update it with what it should be",
        title=Title.UPDATE_ERROR,
    )

"""Deleting what clusters are made on and by: refused while clusters need it, or together with them."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus

from api.deps import RequestInfo
from api.problems import ProblemError
from krake.models.clearing import Clearing, ClearingPurpose, DeletionPolicy
from krake.models.kinds import CLUSTER, INFRASTRUCTURE_PROVIDERS, KINDS, PLACES, Kind
from krake.store.records import Record
from krake.store.transaction import Transaction
from krake.usage import in_words, users_of


def in_use_stays(kind: Kind) -> bool:
    """Whether resources of the kind are needed to remove what was made by them."""
    return kind in (*PLACES, *INFRASTRUCTURE_PROVIDERS)


async def leave_place(
    transaction: Transaction, info: RequestInfo, record: Record, policy: DeletionPolicy | None
) -> tuple[Record, list[Record]]:
    """Delete a cloud, a project or an infrastructure provider. One in use goes after all that use it.

    Returns:
        The resource, and everything that was marked with it.

    Raises:
        ProblemError: 409, it is in use and nothing was said of those that use it.
    """
    users = await users_of(transaction, record)
    if not users:
        return await transaction.mark_deleted(record, info.event("DeletionRequested")), []
    word = KINDS[record.kind].word
    if policy is not DeletionPolicy.CASCADE:
        raise ProblemError(
            HTTPStatus.CONFLICT,
            f"The {word} '{record.name}' is {in_words(users)}. Delete those first, or all together with the "
            "policy 'cascade'",
        )
    event = info.event("DeletionRequested", f"policy cascade; {in_words(users)}")
    marked = await transaction.mark_deleted(record, event, stay=True)
    together = []
    for user in users:
        if user.kind == CLUSTER.name:
            together.append(
                await _mark_cluster(transaction, info, user, f"together with {word} {record.name}")
            )
        else:
            one, more = await leave_place(transaction, info, user, policy)
            together += [one, *more]
    return marked, together


async def _mark_cluster(transaction: Transaction, info: RequestInfo, cluster: Record, words: str) -> Record:
    marked = await transaction.mark_deleted(cluster, info.event("DeletionRequested", words))
    clearing = Clearing(
        purpose=ClearingPurpose.DELETE,
        policy=DeletionPolicy.CASCADE,
        actor=info.user.name,
        at=datetime.now(UTC),
    )
    return await transaction.write_status(marked, {"clearing": clearing.model_dump(mode="json")})

"""Owners and finalizers as users set them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from api.deps import RequestInfo
from api.problems import ProblemError, Title, invalid_field
from krake.models.kinds import Resource
from krake.store.records import Record
from krake.store.transaction import Transaction

Document = dict[str, Any]


def owners_of(resource: Resource, stored: Record | None = None) -> list[Document]:
    """The owners to be stored, each once.

    A client that sends back what it got also sends the cluster that the application is bound to: that is no
    owner that a user named, and the application must not go with it after it has moved on.

    Raises:
        ProblemError: 422, an owner is in another namespace. It goes after what it owns: whoever may do
            nothing there could hold up its deletion.
    """
    status = stored.status if stored is not None else {}
    bound = status.get("scheduled_to") or status.get("project")
    owners = [owner.model_dump(mode="json") for owner in dict.fromkeys(resource.metadata.owners)]
    for number, owner in enumerate(owners):
        if owner["namespace"] and owner["namespace"] != resource.metadata.namespace:
            raise invalid_field(
                f"metadata.owners[{number}].namespace",
                "An owner has to be in the namespace of what it owns, or in none",
            )
    return [owner for owner in owners if owner != bound]


async def release(transaction: Transaction, info: RequestInfo, stored: Record, resource: Resource) -> Record:
    """Take finalizers away from a resource that is being deleted; nothing else of it can be changed.

    Raises:
        ProblemError: 409, none is taken away, or there is a new one.
    """
    wanted = resource.metadata.finalizers
    if not set(wanted) < set(stored.finalizers):
        raise ProblemError(
            HTTPStatus.CONFLICT,
            f"{stored.kind} '{stored.name}' is being deleted and cannot be changed any more. "
            "Finalizers can only be removed if a deletion is in progress.",
            title=Title.UPDATE_ERROR,
        )
    gone = ", ".join(item for item in stored.finalizers if item not in wanted)
    event = info.event("FinalizersRemoved", gone)
    return await transaction.set_ownership(stored, stored.owners, wanted, event)

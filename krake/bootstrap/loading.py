"""Storing the resources of files: one transaction for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from krake.bootstrap.errors import BootstrapError, Fault
from krake.bootstrap.reading import Wanted
from krake.confidential import secret_field, split
from krake.store import NewEvent, Record, Store, Transaction
from krake.store.errors import AlreadyExists
from krake.validation import InvalidDocumentError

ACTOR = "krake bootstrap"


class Outcome(StrEnum):
    """What was done about a resource."""

    CREATED = "created"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"


class Done(NamedTuple):
    """A resource and what was done about it."""

    wanted: Wanted
    outcome: Outcome


async def load(store: Store, wanted: Sequence[Wanted], *, force: bool) -> list[Done]:
    """Store all resources, or none of them.

    Args:
        store: where to.
        wanted: what was read.
        force: whether resources that are there get the labels, spec and owners of the files; they keep
            their uid and history. Else each of them is a fault.

    Raises:
        BootstrapError: names every resource that cannot be stored.
    """
    done: list[Done] = []
    faults: list[Fault] = []
    async with store.transaction() as transaction:
        for one in wanted:
            try:
                done.append(Done(one, await _put(transaction, one, force)))
            except AlreadyExists as error:
                faults.append(Fault(one.place, f"{error.what}; --force replaces it"))
            except InvalidDocumentError as error:
                faults += [Fault(one.place, str(field)) for field in error.fields]
        if faults:
            # Raised inside, so that the transaction takes back what was stored before.
            raise BootstrapError(faults)
    return done


async def _put(transaction: Transaction, wanted: Wanted, force: bool) -> Outcome:
    stored = await transaction.find(*wanted.address)
    if stored is None:
        await _create(transaction, wanted)
        return Outcome.CREATED
    if not force:
        raise AlreadyExists.of(*wanted.address)
    replaced = await _replace(transaction, wanted, stored)
    return Outcome.REPLACED if replaced.revision != stored.revision else Outcome.UNCHANGED


async def _create(transaction: Transaction, wanted: Wanted) -> Record:
    resource = wanted.resource
    spec, secret = split(wanted.kind, resource.spec.model_dump(mode="json"), None)
    record = await transaction.create(
        *wanted.address,
        labels=resource.metadata.labels,
        spec=spec,
        status=type(resource.status)().model_dump(mode="json"),
        event=NewEvent("Created", actor=ACTOR),
        owners=_owners(wanted),
        inherit_labels=resource.metadata.inherit_labels,
    )
    if secret is not None:
        await transaction.put_secret(record.uid, secret_field(wanted.kind), secret)
    return record


async def _replace(transaction: Transaction, wanted: Wanted, stored: Record) -> Record:
    resource, field = wanted.resource, secret_field(wanted.kind)
    event = NewEvent("Updated", actor=ACTOR)
    secret = await transaction.secret(stored.uid, field)
    spec, new_secret = split(wanted.kind, resource.spec.model_dump(mode="json"), secret)
    record = await transaction.update_spec(
        stored,
        labels=resource.metadata.labels,
        spec=spec,
        event=event,
        inherit_labels=resource.metadata.inherit_labels,
        force_generation=new_secret != secret,
    )
    record = await transaction.set_ownership(record, _owners(wanted), stored.finalizers, event)
    if new_secret is not None and new_secret != secret:
        await transaction.put_secret(record.uid, field, new_secret)
    return record


def _owners(wanted: Wanted) -> list[dict[str, str | None]]:
    return [owner.model_dump(mode="json") for owner in dict.fromkeys(wanted.resource.metadata.owners)]

"""Creating and updating resources: validate, one transaction, wake the lifecycle."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from api.authorization.escalation import refuse_escalation
from api.decisions import Look, check_requests
from api.deps import RequestInfo, Services
from api.ownership import owners_of, release
from api.problems import ProblemError, Title, invalid_field
from api.revisions import check_revision
from api.validation import as_problem, parse
from krake.confidential import secret_field, split
from krake.messages.base import Target
from krake.models.application import Application
from krake.models.kinds import CLUSTER, KINDS, MAGNUM_CLUSTER, Kind, Resource
from krake.provisioning.desired import changed_for_good, is_made
from krake.store.errors import AlreadyExists
from krake.store.records import Record
from krake.store.transaction import Transaction

Document = dict[str, Any]


async def create(
    services: Services,
    info: RequestInfo,
    kind: Kind,
    namespace: str,
    document: Document,
    look: Look | None = None,
) -> Record:
    """Store a new resource and set its lifecycle going; `look` is called at the end of the transaction.

    Raises:
        ProblemError: 422 the document does not fit, 409 the name is taken.
    """
    if kind.namespaced and isinstance(metadata := document.get("metadata"), dict):
        document = {**document, "metadata": {**metadata, "namespace": namespace}}
    resource = parsed(kind, document, namespace)
    name, labels = resource.metadata.name, resource.metadata.labels
    with as_problem():
        spec, secret = split(kind, resource.spec.model_dump(mode="json"), None)
    status = type(resource.status)().model_dump(mode="json")
    await refuse_escalation(services.authorizer, info.user, kind, spec)
    event = info.event("Created")
    try:
        async with services.store.transaction() as transaction:
            record = await transaction.create(
                kind.name,
                namespace,
                name,
                labels=labels,
                spec=spec,
                status=status,
                event=event,
                owners=owners_of(resource),
                finalizers=resource.metadata.finalizers,
                inherit_labels=resource.metadata.inherit_labels,
            )
            if secret is not None:
                await transaction.put_secret(record.uid, secret_field(kind), secret)
            if look is not None:
                await look(transaction, record)
    except AlreadyExists as error:
        raise await _taken(services, error, kind, namespace, name) from None
    _wake(services, info, record, "created")
    return record


async def update(
    services: Services,
    info: RequestInfo,
    kind: Kind,
    namespace: str,
    name: str,
    document: Document,
    revisions: frozenset[int] | None,
    look: Look | None = None,
) -> Record:
    """Replace spec and labels; nothing happens when they are what they were.

    Args:
        look: called at the end of the transaction.
        revisions: the revisions of which the stored one has to be one; None for any.

    Raises:
        ProblemError: 422 the document does not fit, 400 it has another name, 409 the resource is being
            deleted.
        NotFound: there is no such resource.
        RevisionConflict: its revision is another one.
    """
    resource = parsed(kind, document, namespace)
    async with services.store.transaction() as transaction:
        stored = await transaction.get(kind.name, namespace, name)
        check_revision(stored, revisions)
        _check_updatable(stored, resource)
        if stored.deleted is not None:
            record = await release(transaction, info, stored, resource)
        else:
            record = await _replace(services, info, kind, transaction, stored, resource)
        if look is not None:
            await look(transaction, record)
    if stored.deleted is not None:
        _wake(services, info, record, "released")
    elif record.generation != stored.generation:
        _wake(services, info, record, "updated")
    return record


async def _replace(
    services: Services,
    info: RequestInfo,
    kind: Kind,
    transaction: Transaction,
    stored: Record,
    resource: Resource,
) -> Record:
    """What is wanted of a resource that stays."""
    secret = await transaction.secret(stored.uid, secret_field(kind))
    with as_problem():
        spec, new_secret = split(kind, resource.spec.model_dump(mode="json"), secret)
    _check_infrastructure(stored, spec)
    await refuse_escalation(services.authorizer, info.user, kind, spec, stored.spec)
    record = await transaction.update_spec(
        stored,
        labels=resource.metadata.labels,
        spec=spec,
        event=info.event("Updated"),
        inherit_labels=resource.metadata.inherit_labels,
        force_generation=new_secret != secret,
    )
    record = await transaction.set_ownership(
        record,
        owners_of(resource, stored),
        resource.metadata.finalizers,
        info.event("Updated", "owners or finalizers"),
    )
    if new_secret is not None and new_secret != secret:
        await transaction.put_secret(record.uid, secret_field(kind), new_secret)
    return record


def parsed(kind: Kind, document: Document, namespace: str) -> Resource:
    """The resource that the document describes.

    Raises:
        ProblemError: 422, naming what does not fit.
    """
    resource = parse(kind, document, namespace)
    if isinstance(resource, Application):
        check_requests(resource)
    return resource


async def _taken(
    services: Services, error: AlreadyExists, kind: Kind, namespace: str, name: str
) -> ProblemError:
    there = await services.store.find(kind.name, namespace, name)
    detail = error.what
    if there is not None and there.deleted is not None:
        detail += ": its deletion is still running, the name is free when that is done"
    return ProblemError(HTTPStatus.CONFLICT, detail, title=Title.RESOURCE_ALREADY_EXISTS)


def _check_updatable(stored: Record, resource: Resource) -> None:
    for field in ("name", "namespace"):
        if (getattr(resource.metadata, field) or "") != getattr(stored, field):
            raise ProblemError(
                HTTPStatus.BAD_REQUEST,
                f"Trying to update an immutable field: {field}",
                title=Title.UPDATE_ERROR,
            )


def _check_infrastructure(stored: Record, spec: Document) -> None:
    """A cluster that exists keeps what it was made of, and how it came to be known."""
    if stored.kind == MAGNUM_CLUSTER.name:
        if stored.status.get("cluster") and stored.spec["master_count"] != spec["master_count"]:
            words = "It cannot be changed once the cluster is made; make another cluster"
            raise invalid_field("spec.master_count", words)
        return
    if stored.kind != CLUSTER.name:
        return
    if is_made(stored.spec) != is_made(spec):
        raise invalid_field("spec", "A cluster that is registered cannot be made, nor the other way round")
    changed = changed_for_good(stored.spec, spec)
    if changed and stored.status.get("running_on"):
        field = f"spec.infrastructure.{changed[0]}"
        raise invalid_field(field, "It cannot be changed once the cluster is made; make another cluster")


def _wake(services: Services, info: RequestInfo, record: Record, what: str) -> None:
    if not KINDS[record.kind].lifecycle:
        return
    target = Target(kind=record.kind, namespace=record.namespace, name=record.name, uid=record.uid)
    services.waker.wake(target, f"{what} by {info.user.name} (request {info.id})")

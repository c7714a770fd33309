"""Binding an application to a cluster, and a cluster to a cloud, on a client's word."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus

from api import migrations
from api.deps import RequestInfo, Services
from api.problems import ProblemError, Title, invalid_field
from krake.messages.base import Target
from krake.models.bindings import CloudBinding, ClusterBinding, ClusterRef
from krake.models.kinds import APPLICATION, CLOUD, CLUSTER
from krake.models.migration import MigrationOrder
from krake.models.requests import Request, RequestKind
from krake.moves import is_deployed, migration_of
from krake.resources import place_reference
from krake.store.records import Record
from krake.store.transaction import Transaction


async def bind_application(
    services: Services, info: RequestInfo, namespace: str, name: str, binding: ClusterBinding
) -> Record:
    """Ask for the application to be on the cluster: it is placed there, or moves there.

    Placement has the last word: a cluster that does not fit is refused, by a move at once, else by the next
    decision, which says why.

    Raises:
        NotFound: there is no such application.
        ProblemError: 422, there is no such cluster in the application's namespace; 409, the application is
            being deleted.
        CannotMoveError: it does not fit there, or is on its way elsewhere.
    """
    cluster = await _cluster(services, namespace, binding.cluster)
    record = await services.store.get(APPLICATION.name, namespace, name)
    if record.deleted is None and (is_deployed(record) or migration_of(record) is not None):
        here = migration_of(record) is None and record.status.get("scheduled_uid") == cluster.uid
        if here:
            return record
        return await migrations.migrate(services, info, namespace, name, MigrationOrder(cluster=cluster.name))
    async with services.store.transaction() as transaction:
        stored = await transaction.get(APPLICATION.name, namespace, name)
        record = await _ask(transaction, info, stored, cluster)
    _wake(services, info, record)
    return record


async def bind_cluster(
    services: Services, info: RequestInfo, namespace: str, name: str, binding: CloudBinding
) -> Record:
    """Note on which cloud the cluster is; one that is to be made is made there.

    Raises:
        NotFound: there is no such cluster.
        ProblemError: 422, there is no such cloud; 409, it is being made on another one.
    """
    wanted = binding.cloud
    place = (wanted.namespace or namespace) if wanted.kind == CLOUD.name else ""
    async with services.store.transaction() as transaction:
        stored = await transaction.get(CLUSTER.name, namespace, name)
        cloud = await transaction.find(wanted.kind, place, wanted.name)
        if cloud is None or place not in ("", namespace):
            where = f" in namespace '{namespace}'" if place else ""
            raise invalid_field("cloud.name", f"There is no {wanted.kind} '{wanted.name}'{where}")
        bound = place_reference(_target(cloud))
        if stored.status.get("scheduled_to") == bound:
            return stored
        if (there := stored.status.get("running_on")) and there != bound:
            raise ProblemError(
                HTTPStatus.CONFLICT,
                f"Cluster '{name}' is being made on {there['name']}: a cluster does not move between clouds",
                title=Title.UPDATE_ERROR,
            )
        changes = {"scheduled": datetime.now(UTC).isoformat(), "scheduled_to": bound}
        event = info.event("Bound", f"to cloud {cloud.name}")
        record = await transaction.write_status(stored, changes, event)
    _wake(services, info, record)
    return record


async def _cluster(services: Services, namespace: str, wanted: ClusterRef) -> Record:
    found = None
    if wanted.namespace in (None, namespace):
        found = await services.store.find(CLUSTER.name, namespace, wanted.name)
    if found is None:
        raise invalid_field(
            "cluster.name", f"There is no cluster '{wanted.name}' in namespace '{namespace}' to bind to"
        )
    return found


async def _ask(transaction: Transaction, info: RequestInfo, stored: Record, cluster: Record) -> Record:
    """Have the application placed anew, on this cluster only."""
    if stored.deleted is not None:
        raise ProblemError(
            HTTPStatus.CONFLICT,
            f"Application '{stored.name}' is being deleted and cannot be bound any more",
            title=Title.UPDATE_ERROR,
        )
    request = Request(
        id=info.id,
        kind=RequestKind.MIGRATE,
        cluster=cluster.name,
        trigger=f"bound by {info.user.name}",
        actor=info.user.name,
        at=datetime.now(UTC),
    )
    event = info.event("BindingRequested", f"to {cluster.name}")
    return await transaction.write_status(stored, {"request": request.model_dump(mode="json")}, event)


def _target(record: Record) -> Target:
    return Target(kind=record.kind, namespace=record.namespace, name=record.name, uid=record.uid)


def _wake(services: Services, info: RequestInfo, record: Record) -> None:
    services.waker.wake(_target(record), f"bound by {info.user.name} (request {info.id})")

"""Cordoning, uncordoning and draining clusters."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from api.deps import RequestInfo, Services
from api.problems import ProblemError, Title
from krake.messages.base import Target
from krake.models.clearing import Clearing, ClearingPurpose
from krake.models.kinds import CLUSTER
from krake.moves import drop_request, request_of
from krake.store.records import Record
from krake.store.transaction import Transaction


async def cordon(services: Services, info: RequestInfo, namespace: str, name: str) -> Record:
    """Place nothing new on the cluster.

    Raises:
        NotFound: there is no such cluster.
        ProblemError: 409, it is being deleted.
    """
    async with services.store.transaction() as transaction:
        return await _set_cordoned(transaction, await _cluster(transaction, namespace, name), info)


async def drain(services: Services, info: RequestInfo, namespace: str, name: str) -> Record:
    """Cordon the cluster and have its applications move; a second time does nothing.

    Raises:
        NotFound: there is no such cluster.
        ProblemError: 409, it is being deleted.
    """
    async with services.store.transaction() as transaction:
        record = await _set_cordoned(transaction, await _cluster(transaction, namespace, name), info)
        if (record.status.get("clearing") or {}).get("purpose") != ClearingPurpose.DRAIN:
            clearing = Clearing(purpose=ClearingPurpose.DRAIN, actor=info.user.name, at=datetime.now(UTC))
            changes = {"clearing": clearing.model_dump(mode="json")}
            record = await transaction.write_status(record, changes, info.event("DrainRequested"))
    _wake(services, info, record, "drained")
    return record


async def uncordon(services: Services, info: RequestInfo, namespace: str, name: str) -> Record:
    """Place applications on the cluster again, and end a draining. The cluster is verified anew, and then the
    applications that wait for one are told; those that found no other cluster to move to stay.

    Raises:
        NotFound: there is no such cluster.
        ProblemError: 409, it is being deleted.
    """
    async with services.store.transaction() as transaction:
        record = await _cluster(transaction, namespace, name)
        spec = {**record.spec, "cordoned": False}
        if record.spec.get("cordoned"):
            record = await transaction.update_spec(
                record, labels=record.labels, spec=spec, event=info.event("Uncordoned")
            )
        if (record.status.get("clearing") or {}).get("purpose") == ClearingPurpose.DRAIN:
            record = await transaction.write_status(record, {"clearing": None})
        staying = await _let_stay(transaction, record, info)
    for one in (record, *staying):
        _wake(services, info, one, "uncordoned")
    return record


async def _let_stay(transaction: Transaction, cluster: Record, info: RequestInfo) -> list[Record]:
    """Take back the requests to leave a cluster that is not drained any more, where no move has begun."""
    event = info.event("MigrationDropped", f"cluster {cluster.name} is not drained any more")
    here = await transaction.on_cluster(cluster.uid)
    leaving = [one for one in here if _is_to_leave(one, cluster)]
    return [await drop_request(transaction, one, event) for one in leaving]


def _is_to_leave(application: Record, cluster: Record) -> bool:
    request = request_of(application)
    on_it = application.status.get("scheduled_uid") == cluster.uid
    return on_it and request is not None and request.leave and not request.failover


async def _cluster(transaction: Transaction, namespace: str, name: str) -> Record:
    record = await transaction.get(CLUSTER.name, namespace, name)
    if record.deleted is not None:
        raise ProblemError(
            HTTPStatus.CONFLICT,
            f"Cluster '{name}' is being deleted and cannot be changed any more",
            title=Title.UPDATE_ERROR,
        )
    return record


async def _set_cordoned(transaction: Transaction, record: Record, info: RequestInfo) -> Record:
    """A new generation that nothing has to be done for: a cluster that does not answer is not verified anew,
    and what is known of it stays known."""
    if record.spec.get("cordoned"):
        return record
    before = record.generation
    spec: dict[str, Any] = {**record.spec, "cordoned": True}
    record = await transaction.update_spec(
        record, labels=record.labels, spec=spec, event=info.event("Cordoned")
    )
    if record.status.get("observed_generation") == before:
        record = await transaction.write_status(record, {"observed_generation": record.generation})
        if record.observation.get("generation") == before:
            record = await transaction.write_observation(record, {"generation": record.generation})
    return record


def _wake(services: Services, info: RequestInfo, record: Record, what: str) -> None:
    target = Target(kind=record.kind, namespace=record.namespace, name=record.name, uid=record.uid)
    services.waker.wake(target, f"{what} by {info.user.name} (request {info.id})")

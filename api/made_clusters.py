"""What users ask of a cluster that Krake makes: try again, fetch new credentials."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus

from api.deps import RequestInfo, Services
from api.problems import ProblemError, Title
from krake.messages.base import Target
from krake.models.kinds import CLUSTER
from krake.models.provisioning import ProvisioningPhase
from krake.provisioning.desired import is_made
from krake.store.records import Record
from krake.store.transaction import Transaction


async def retry(services: Services, info: RequestInfo, namespace: str, name: str) -> Record:
    """Have the lifecycle try again what failed at the cloud.

    Raises:
        NotFound: there is no such cluster.
        ProblemError: 409, nothing of it has failed, it was registered, or it is being deleted.
    """
    async with services.store.transaction() as transaction:
        record = await _made(transaction, namespace, name)
        if (record.status.get("provisioning") or {}).get("phase") != ProvisioningPhase.FAILED:
            raise _refusal("No retry needed: nothing has failed at its cloud")
        changes = {"observed_generation": record.generation - 1}
        record = await transaction.write_status(record, changes, info.event("RetryRequested"))
    _wake(services, info, record, "retried")
    return record


async def rotate(services: Services, info: RequestInfo, namespace: str, name: str) -> Record:
    """Have the lifecycle fetch new credentials; asked twice it is done once.

    Raises:
        NotFound: there is no such cluster.
        ProblemError: 409, it is not made yet, it was registered, or it is being deleted.
    """
    async with services.store.transaction() as transaction:
        record = await _made(transaction, namespace, name)
        if not record.status.get("kubeconfig_at"):
            raise _refusal("It has no credentials yet: it is not made")
        if not record.status.get("rotation_requested"):
            changes = {"rotation_requested": datetime.now(UTC).isoformat()}
            record = await transaction.write_status(record, changes, info.event("RotationRequested"))
    _wake(services, info, record, "rotation requested")
    return record


async def _made(transaction: Transaction, namespace: str, name: str) -> Record:
    record = await transaction.get(CLUSTER.name, namespace, name)
    if record.deleted is not None:
        raise _refusal(f"Cluster '{name}' is being deleted")
    if not is_made(record.spec):
        raise _refusal(
            f"Cluster '{name}' was registered: Krake does not make it. Give new credentials by an update of "
            "its kubeconfig"
        )
    return record


def _refusal(detail: str) -> ProblemError:
    return ProblemError(HTTPStatus.CONFLICT, detail, title=Title.UPDATE_ERROR)


def _wake(services: Services, info: RequestInfo, record: Record, what: str) -> None:
    target = Target(kind=record.kind, namespace=record.namespace, name=record.name, uid=record.uid)
    services.waker.wake(target, f"{what} by {info.user.name} (request {info.id})")

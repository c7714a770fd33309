"""Binding a Magnum cluster to a project on a client's word."""

from __future__ import annotations

from http import HTTPStatus

from api.deps import RequestInfo, Services
from api.problems import ProblemError, Title, invalid_field
from krake.messages.base import Target
from krake.models.kinds import MAGNUM_CLUSTER, PROJECT
from krake.models.openstack import MagnumClusterBinding
from krake.resources import reference
from krake.store.records import Record
from krake.store.transaction import Transaction


async def bind_magnum_cluster(
    services: Services, info: RequestInfo, namespace: str, name: str, binding: MagnumClusterBinding
) -> Record:
    """Note in which project of its namespace the cluster is made, and by which template.

    Raises:
        NotFound: there is no such Magnum cluster.
        ProblemError: 422, there is no such project in the namespace; 409, it is made already, or being
            deleted.
    """
    async with services.store.transaction() as transaction:
        stored = await transaction.get(MAGNUM_CLUSTER.name, namespace, name)
        project = await _project(transaction, namespace, binding)
        bound = {"project": reference(_target(project)), "template": binding.template}
        if all(stored.status.get(field) == value for field, value in bound.items()):
            return stored
        _check(stored)
        event = info.event("Bound", f"to project {project.name}")
        record = await transaction.write_status(stored, bound, event)
    services.waker.wake(_target(record), f"bound by {info.user.name} (request {info.id})")
    return record


async def _project(transaction: Transaction, namespace: str, binding: MagnumClusterBinding) -> Record:
    wanted = binding.project
    found = None
    if wanted.namespace in (None, namespace):
        found = await transaction.find(PROJECT.name, namespace, wanted.name)
    if found is None:
        words = f"There is no project '{wanted.name}' in namespace '{namespace}' to bind to"
        raise invalid_field("project.name", words)
    return found


def _check(stored: Record) -> None:
    if stored.deleted is not None:
        why = "is being deleted and cannot be bound any more"
    elif stored.status.get("cluster"):
        why = "is made already: a cluster does not move between projects"
    else:
        return
    raise ProblemError(HTTPStatus.CONFLICT, f"Magnum cluster '{stored.name}' {why}", title=Title.UPDATE_ERROR)


def _target(record: Record) -> Target:
    return Target(kind=record.kind, namespace=record.namespace, name=record.name, uid=record.uid)

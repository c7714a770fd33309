"""Deleting resources: marked for their lifecycle to carry out, or removed by force at once."""

from __future__ import annotations

from datetime import UTC, datetime

from api.cascading import in_use_stays, leave_place
from api.decisions import Look
from api.deps import RequestInfo, Services
from api.problems import invalid_field
from api.revisions import check_revision
from krake.dependents import Graph, node
from krake.leftovers import leave_behind, let_go, named
from krake.messages.base import Target
from krake.models.clearing import Clearing, ClearingPurpose, DeletionPolicy
from krake.models.kinds import CLUSTER, KINDS, Kind
from krake.provisioning.orphans import left_at_cloud
from krake.provisioning.reaping import reap
from krake.store.records import Record
from krake.store.transaction import Transaction
from krake.usage import still_used

_FOR_PLACES = (DeletionPolicy.CASCADE,)


async def delete(
    services: Services,
    info: RequestInfo,
    kind: Kind,
    namespace: str,
    name: str,
    *,
    policy: DeletionPolicy | None = None,
    force: bool = False,
    revisions: frozenset[int] | None = None,
    look: Look | None = None,
) -> Record:
    """Delete a resource, and what names it as an owner. Doing it twice does no harm.

    Args:
        services: the API's parts.
        info: who asks.
        kind: the kind of the resource.
        namespace: its namespace.
        name: its name.
        policy: what becomes of the applications on a cluster; a second deletion may change it.
        force: remove it at once; what it has on clusters is recorded as orphans.
        revisions: the revisions of which the stored one has to be one; None for any.
        look: called at the end of the transaction.

    Raises:
        NotFound: there is no such resource.
        RevisionConflict: its revision is another one.
        ProblemError: 422, there is no such policy for resources of this kind; 409, clusters are made by it.
    """
    if policy is not None and kind is not CLUSTER and not (in_use_stays(kind) and policy in _FOR_PLACES):
        raise invalid_field(
            "policy", "Only clusters take a policy; clouds, projects and what makes clusters: cascade"
        )
    async with services.store.transaction() as transaction:
        stored = await transaction.get(kind.name, namespace, name)
        check_revision(stored, revisions)
        if in_use_stays(kind) and not force:
            record, going = await leave_place(transaction, info, stored, policy)
        else:
            words = _words(policy) if kind.lifecycle else await still_used(transaction, stored)
            record, going = await transaction.mark_deleted(stored, info.event("DeletionRequested", words)), []
        concerned = [record, *going, *await _dependents(transaction, info, record)]
        if kind is CLUSTER:
            record = await _keep_policy(transaction, info, record, policy)
        if force and kind.lifecycle:
            concerned += await _remove(transaction, info, record)
        if force or in_use_stays(kind):
            # What went at once may have been the last that something marked before waited for.
            await reap(transaction)
        if look is not None:
            await look(transaction, record)
    for item in {item.uid: item for item in concerned if KINDS[item.kind].lifecycle}.values():
        target = Target(kind=item.kind, namespace=item.namespace, name=item.name, uid=item.uid)
        services.waker.wake(target, f"deleted by {info.user.name} (request {info.id})")
    return record


def _words(policy: DeletionPolicy | None) -> str:
    return f"policy {policy}" if policy else ""


async def _dependents(transaction: Transaction, info: RequestInfo, record: Record) -> list[Record]:
    """Mark what goes with the resource; the applications on a cluster are its policy's business."""
    if record.kind == CLUSTER.name:
        return []
    marked = []
    for item in (await Graph.read(transaction)).going_with(record):
        event = info.event("DeletionRequested", f"together with {node(record)}, which owns it")
        marked.append(await transaction.mark_deleted(item, event))
    return marked


async def _keep_policy(
    transaction: Transaction, info: RequestInfo, record: Record, policy: DeletionPolicy | None
) -> Record:
    stored = record.status.get("clearing")
    before = Clearing.model_validate(stored) if stored else None
    deleting = before is not None and before.purpose is ClearingPurpose.DELETE
    if before is not None and deleting and policy in (None, before.policy):
        return record
    clearing = Clearing(
        purpose=ClearingPurpose.DELETE,
        policy=policy or DeletionPolicy.DRAIN,
        actor=info.user.name,
        at=datetime.now(UTC),
    )
    return await transaction.write_status(record, {"clearing": clearing.model_dump(mode="json")})


async def _remove(transaction: Transaction, info: RequestInfo, record: Record) -> list[Record]:
    """Remove the resource at once; returns the applications that have to be placed anew."""
    reason = f"{node(record)} was deleted by force"
    if record.kind == CLUSTER.name:
        concerned = await _let_all_go(transaction, info, record, reason)
        if orphan := left_at_cloud(record, reason):
            await transaction.add_orphan(orphan)
        await transaction.remove(record, info.event("Deleted", "by force"))
        return concerned
    orphans = await leave_behind(transaction, record, reason)
    left = f"; recorded as orphans: {named(orphans)}" if orphans else ""
    await transaction.remove(record, info.event("Deleted", f"by force{left}"))
    return await transaction.waiting(record.namespace) if record.status.get("reserved") else []


async def _let_all_go(
    transaction: Transaction, info: RequestInfo, cluster: Record, reason: str
) -> list[Record]:
    policy = Clearing.model_validate(cluster.status["clearing"]).policy
    here = await transaction.on_cluster(cluster.uid)
    for application in here:
        if policy is DeletionPolicy.CASCADE:
            await transaction.mark_deleted(application, info.event("DeletionRequested", reason))
        else:
            owed = policy is not DeletionPolicy.ORPHAN
            event = info.event("LetGo")
            await let_go(transaction, application, cluster.uid, owed=owed, reason=reason, event=event)
    return here

"""The connection to Temporal, and how a lifecycle is woken."""

from __future__ import annotations

from collections.abc import Mapping

from temporalio.client import Client
from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.runtime import Runtime
from temporalio.service import RPCError, RPCStatusCode

from krake.errors import KrakeError
from krake.hooks.messages import CONFIRMED_SIGNAL, shutdown_id
from krake.keyfile import open_cipher
from krake.messages.base import Target
from krake.messages.lifecycle import Wake
from krake.messages.names import TASK_QUEUE, WAKE_SIGNAL, WorkflowName
from krake.messages.removing import Collection
from krake.payloads import data_converter
from krake.settings import Settings
from krake.summaries import ReadableSummaries
from krake.tls.temporal import temporal_tls

KIND = SearchAttributeKey.for_keyword("KrakeKind")
NAMESPACE = SearchAttributeKey.for_keyword("KrakeNamespace")
NAME = SearchAttributeKey.for_keyword("KrakeName")
OPERATION = SearchAttributeKey.for_keyword("KrakeOperation")
CLUSTER = SearchAttributeKey.for_keyword("KrakeCluster")

_LIFECYCLES: Mapping[str, WorkflowName] = {
    "Application": WorkflowName.APPLICATION,
    "Cluster": WorkflowName.CLUSTER,
    "MagnumCluster": WorkflowName.MAGNUM_CLUSTER,
}


def search_attributes(target: Target, operation: str) -> TypedSearchAttributes:
    """What makes a run findable in the Temporal UI: the resource it works for and what it does."""
    pairs = [
        SearchAttributePair(KIND, target.kind),
        SearchAttributePair(NAMESPACE, target.namespace),
        SearchAttributePair(NAME, target.name),
        SearchAttributePair(OPERATION, operation),
    ]
    if target.kind == "Cluster":
        pairs.append(SearchAttributePair(CLUSTER, target.name))
    return TypedSearchAttributes(pairs)


async def connect(settings: Settings, runtime: Runtime | None = None, *, lazy: bool = False) -> Client:
    """Connect to Temporal; with `lazy` the connection is made by the first call.

    Raises:
        KrakeError: nothing answers at the address, or the keys or TLS files cannot be used.
    """
    encryption = temporal_tls(settings)
    cipher = open_cipher(settings) if settings.encrypts_payloads else None
    try:
        return await Client.connect(
            settings.temporal_address,
            namespace=settings.temporal_namespace,
            data_converter=data_converter(cipher),
            interceptors=[ReadableSummaries()] if cipher else [],
            runtime=runtime,
            lazy=lazy,
            tls=encryption,
        )
    except (RuntimeError, RPCError) as error:
        raise KrakeError(
            f"Cannot reach Temporal at {settings.temporal_address}",
            why=str(error).splitlines()[0],
            fix="Start it (`krake up` does), or check KRAKE_TEMPORAL_ADDRESS and KRAKE_TEMPORAL_TLS_…",
        ) from error


async def confirm_shutdown(client: Client, target: Target) -> None:
    """Tell the workflow that shuts the application down to look for the confirmation in the store."""
    try:
        await client.get_workflow_handle(shutdown_id(target)).signal(CONFIRMED_SIGNAL)
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise


async def wake(client: Client, target: Target, cause: str) -> None:
    """Make the resource's lifecycle look at it: start it, or signal the one that runs."""
    operation = _LIFECYCLES[target.kind]
    await client.start_workflow(
        operation,
        target,
        id=target.workflow_id,
        task_queue=TASK_QUEUE,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        start_signal=WAKE_SIGNAL,
        start_signal_args=[Wake(cause=cause)],
        search_attributes=search_attributes(target, operation),
        static_summary=f"{operation} {target.namespace}/{target.name}",
    )


async def clear(client: Client, cluster: Target) -> None:
    """Have the applications of a cluster leave it: start that, or tell the run that is at it."""
    operation = WorkflowName.CLEAR_CLUSTER
    await client.start_workflow(
        operation,
        cluster,
        id=f"{cluster.workflow_id}/clear",
        task_queue=TASK_QUEUE,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        start_signal=WAKE_SIGNAL,
        start_signal_args=[Wake(cause="look again")],
        search_attributes=search_attributes(cluster, operation),
        static_summary=f"{operation} {cluster.namespace}/{cluster.name}",
    )


async def collect(client: Client, collection: Collection) -> str:
    """Have the orphans on a cluster collected, unless that is being done; returns the workflow's id."""
    cluster, operation = collection.cluster, WorkflowName.COLLECT_ORPHANS
    suffix = "collect-predecessors" if collection.predecessors else "collect"
    workflow_id = f"{cluster.workflow_id}/{suffix}"
    await client.start_workflow(
        operation,
        collection,
        id=workflow_id,
        task_queue=TASK_QUEUE,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        search_attributes=search_attributes(cluster, operation),
        static_summary=f"{operation} {cluster.namespace}/{cluster.name}",
    )
    return workflow_id

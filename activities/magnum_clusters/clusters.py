"""The Kubernetes cluster that carries out a Magnum cluster."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from activities.waking import target_of
from krake.models.cluster import ClusterSpec, ClusterStatus
from krake.models.infrastructure import ClusterInfrastructure
from krake.models.kinds import CLUSTER
from krake.models.samples import known_as
from krake.resources import place_reference, reference
from krake.store import NewEvent, Record, Transaction

Document = dict[str, Any]
_UID_PART = 7
_LONGEST_NAME = 255


def name_of_cluster(record: Record) -> str:
    """`<name>-<7 characters of its uid>`: the same at each try, and nobody else's."""
    return f"{record.name[: _LONGEST_NAME - _UID_PART - 1]}-{record.uid[:_UID_PART]}"


async def own_cluster(transaction: Transaction, record: Record) -> Record | None:
    """The cluster of the name that is its own, whoever it belongs to."""
    return await transaction.find(CLUSTER.name, record.namespace, name_of_cluster(record))


def belongs_to(cluster: Record, record: Record) -> bool:
    """Whether the cluster names the Magnum cluster as its owner."""
    return any(
        (owner["kind"], owner.get("namespace"), owner["name"]) == (record.kind, record.namespace, record.name)
        for owner in cluster.owners
    )


async def create_cluster(transaction: Transaction, record: Record, project: Record, cause: str) -> Record:
    """Store the cluster, bound to the project: its own lifecycle makes it."""
    spec = ClusterSpec.model_validate(
        {"infrastructure": _machines(record).model_dump(mode="json"), "metrics": _metrics(record, project)}
    )
    status = ClusterStatus(scheduled=datetime.now(UTC)).model_dump(mode="json")
    return await transaction.create(
        CLUSTER.name,
        record.namespace,
        name_of_cluster(record),
        labels={**project.labels, **record.labels},
        spec=spec.model_dump(mode="json"),
        status={**status, "scheduled_to": place_reference(target_of(project))},
        event=NewEvent("Created", f"for the Magnum cluster {record.name}", cause=cause),
        owners=[reference(target_of(record))],
    )


async def update_cluster(
    transaction: Transaction, record: Record, project: Record, cluster: Record, cause: str
) -> Record:
    """Bring size, labels and metrics of the cluster up to date; what users added to it stays."""
    infrastructure = {**cluster.spec["infrastructure"], "nodes": _machines(record).nodes}
    metrics = _metrics(record, project)
    names = {known_as(ref) for ref in metrics}
    others = [ref for ref in cluster.spec["metrics"] if known_as(ref) not in names]
    wanted = ClusterSpec.model_validate(
        {**cluster.spec, "infrastructure": infrastructure, "metrics": [*metrics, *others]}
    ).model_dump(mode="json")
    if _in_other_order(wanted["metrics"], cluster.spec["metrics"]):
        wanted["metrics"] = cluster.spec["metrics"]
    event = NewEvent("Updated", f"with the Magnum cluster {record.name}", cause=cause)
    labels = {**project.labels, **cluster.labels, **record.labels}
    return await transaction.update_spec(cluster, labels=labels, spec=wanted, event=event)


def _machines(record: Record) -> ClusterInfrastructure:
    """What is left out is as the provider's defaults are."""
    wanted = {
        "nodes": record.spec.get("node_count"),
        "control_plane_nodes": record.spec.get("master_count"),
        "template": record.status["template"],
    }
    return ClusterInfrastructure.model_validate({k: v for k, v in wanted.items() if v is not None})


def _metrics(record: Record, project: Record) -> list[Document]:
    """Its own metrics, and those of the project by other names."""
    own = record.spec.get("metrics") or []
    names = {known_as(ref) for ref in own}
    return [*own, *(ref for ref in project.spec.get("metrics") or [] if known_as(ref) not in names)]


def _in_other_order(one: list[Document], other: list[Document]) -> bool:
    return len(one) == len(other) and all(ref in other for ref in one)

"""Clusters that Krake makes by itself for applications, and what the applications know of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from krake.models.application import ApplicationState
from krake.models.clearing import Clearing, ClearingPurpose, DeletionPolicy
from krake.models.cluster import ClusterState
from krake.models.reasons import ReasonCode
from krake.resources import shown_state
from krake.store.records import NewEvent, Record
from krake.store.transaction import Transaction

ACTOR = "krake automatic clusters"
_USABLE = (ClusterState.ONLINE, ClusterState.FAILING_METRICS)
_FIELDS = ("auto_cluster_create_started", "auto_cluster_failure", "auto_cluster_retry_at")


def wants_a_cluster(record: Record) -> bool:
    """Whether a cluster may be made for the application now: it runs nowhere and nobody bound it to one."""
    placed = record.status.get("scheduled_uid") and record.status.get("objects")
    return bool(record.spec.get("auto_cluster_create")) and not placed and not record.status.get("request")


def awaited_by(record: Record) -> str:
    """The name of the cluster that the application waits for; empty where there is none."""
    return str(record.status.get("auto_cluster_create_started") or "")


def is_automatic(cluster: Record) -> bool:
    """Whether Krake made the cluster by itself and may remove it."""
    return bool(cluster.spec.get("auto_generated")) and cluster.deleted is None


def was_reached(cluster: Record) -> bool:
    """Whether the cluster was reached once."""
    return bool(cluster.status.get("verified_at"))


def given_up(cluster: Record, now: datetime, timeout: float) -> str:
    """Why nobody should wait for the cluster any longer; empty where it is underway or was made."""
    if was_reached(cluster):
        return ""
    if cluster.status.get("state") == ClusterState.FAILED:
        reason = cluster.status.get("reason") or {}
        return f"{reason.get('code', 'FAILED')}: {reason.get('message', 'it could not be made')}"
    if now - cluster.created >= timedelta(seconds=timeout):
        return f"it was not ready within {timeout:g} s"
    return ""


def is_underway(cluster: Record, now: datetime, timeout: float) -> bool:
    """Whether applications may wait for the cluster: it is being made, or was just made and gets ready."""
    if not is_automatic(cluster) or given_up(cluster, now, timeout):
        return False
    if not was_reached(cluster):
        return True
    state = shown_state(cluster.kind, cluster.status, cluster.observation)
    return state not in _USABLE and now - cluster.created < timedelta(seconds=timeout)


def no_longer_waiting(record: Record) -> dict[str, Any]:
    """The changes of an application's status when it needs no new cluster (any more)."""
    concerned = record.spec.get("auto_cluster_create") or any(map(record.status.get, _FIELDS))
    return dict.fromkeys(_FIELDS) if concerned else {}


async def disappoint(transaction: Transaction, record: Record, why: str, retry: float) -> Record:
    """Tell an application that the cluster it waited for will not come; after a pause it may get another."""
    name = awaited_by(record)
    words = f"cluster {name} was given up: {why}"
    changes: dict[str, Any] = {
        "auto_cluster_create_started": None,
        "auto_cluster_failure": words,
        "auto_cluster_retry_at": (datetime.now(UTC) + timedelta(seconds=retry)).isoformat(),
    }
    if record.status.get("state") == ApplicationState.WAITING_FOR_CLUSTER_CREATION:
        changes |= {
            "state": ApplicationState.PENDING,
            "reason": {"code": ReasonCode.NO_SUITABLE_RESOURCE, "message": words},
            "message": "waiting for a cluster that fits",
        }
    return await transaction.write_status(record, changes, NewEvent("ClusterGivenUp", words, actor=ACTOR))


async def remove_cluster(transaction: Transaction, cluster: Record, why: str) -> Record:
    """Mark the cluster for deletion, as a user's request does; applications that are on it move first."""
    marked = await transaction.mark_deleted(cluster, NewEvent("DeletionRequested", why, actor=ACTOR))
    clearing = Clearing(
        purpose=ClearingPurpose.DELETE, policy=DeletionPolicy.DRAIN, actor=ACTOR, at=datetime.now(UTC)
    )
    return await transaction.write_status(marked, {"clearing": clearing.model_dump(mode="json")})

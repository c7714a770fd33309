"""The activity that reaches a cluster for the first time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from temporalio import activity

from activities.kubernetes.connections import Connections
from activities.kubernetes.errors import ClusterError
from activities.kubernetes.nodes import is_ready, judge, read_nodes
from activities.kubernetes.offering import Offering, broken_promise, read_offering
from krake.messages.lifecycle import Plan
from krake.messages.observing import Verified
from krake.models.cluster import ClusterNode, ClusterState
from krake.store import NewEvent, Store


class VerifyingActivities:
    """Checks that a cluster answers, accepts the credentials and has nodes."""

    def __init__(self, store: Store, connections: Connections) -> None:
        self._store = store
        self._connections = connections

    @activity.defn(name="verify_cluster")
    async def verify_cluster(self, plan: Plan) -> Verified:
        """Reach the cluster and record its version, nodes and state.

        Raises:
            ClusterError: it does not answer, or refuses the credentials; its status says so as well.
        """
        try:
            access = await self._connections.to(plan.target)
            version = str((await access.connection.request("GET", "/version")).get("gitVersion", ""))
            nodes = await read_nodes(access.connection)
            offering = await read_offering(access.connection)
        except ClusterError as error:
            await self._record_failure(plan, error)
            raise
        await self._record(plan, version, nodes, offering, access.credentials_expire)
        return Verified(version=version, nodes=len(nodes), ready_nodes=sum(map(is_ready, nodes)))

    async def _record(
        self,
        plan: Plan,
        version: str,
        nodes: list[ClusterNode],
        offering: Offering,
        credentials_expire: datetime | None,
    ) -> None:
        state, message = judge(nodes)
        now = datetime.now(UTC).isoformat()
        changes: dict[str, Any] = {
            "state": state,
            "reason": None,
            "message": message,
            "kubernetes_version": version,
            "nodes": [node.model_dump(mode="json") for node in nodes],
            "custom_resources": offering.definitions,
            "platform": offering.platform,
            "observed_generation": plan.generation,
            "observed_at": now,
            "verified_at": now,
            "credentials_expire": credentials_expire.isoformat() if credentials_expire else None,
        }
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(plan.target.uid)
            if record is not None and record.deleted is None:
                changes["reason"] = broken_promise(record.spec, offering.definitions)
                event = NewEvent("Verified", f"Kubernetes {version}, {len(nodes)} nodes", cause=plan.cause)
                await transaction.write_status(record, changes, event)

    async def _record_failure(self, plan: Plan, error: ClusterError) -> None:
        changes: dict[str, Any] = {
            "state": ClusterState.OFFLINE if error.temporary else ClusterState.FAILED,
            "reason": {"code": error.code, "message": error.message},
            "message": "trying again" if error.temporary else "",
        }
        async with self._store.transaction() as transaction:
            record = await transaction.get_by_uid(plan.target.uid)
            if record is not None and record.deleted is None:
                known = all(record.status.get(field) == changes[field] for field in ("state", "reason"))
                # It is tried again every second by default: the same failure is one event.
                event = None if known else NewEvent("Unreachable", error.message, cause=plan.cause)
                await transaction.write_status(record, changes, event)

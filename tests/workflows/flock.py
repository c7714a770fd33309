"""Clusters with a metric each, and applications that run on them, as the store has them.

What lifecycles would do, `carry_out` does: a pass is looked at for days in seconds.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from temporalio.client import Client

from activities.rebalancing.rebalancing import RebalancingActivities
from krake.messages.observing import PassOrder
from krake.models.rebalance import RebalanceReport
from krake.models.samples import Measured
from krake.settings import Settings
from krake.store import Record, Store
from tests.activities.workbench import application_spec, nowhere, register
from tests.support.manifests import config_map
from tests.support.store import UPDATED, add, set_status

NAMESPACE = "testing"


def node(cpu: str, **spec: Any) -> dict[str, Any]:
    """A ready node."""
    conditions = [{"type": "Ready", "status": "True"}]
    allocatable = {"cpu": cpu, "memory": "64Gi", "pods": "1000"}
    return {
        "metadata": {"name": "n"},
        "spec": spec,
        "status": {"conditions": conditions, "allocatable": allocatable},
    }


class Flock:
    """Applications in a store of their own. `now` is the moment of the next pass."""

    def __init__(self, store: Store, client: Client, **settings: Any) -> None:
        self.store = store
        self.now = datetime.now(UTC)
        self.clusters: dict[str, Record] = {}
        self.settings = Settings(**settings)
        self._metrics: dict[str, Record] = {}
        self._client = client
        self._activities = self.again()

    def again(self) -> RebalancingActivities:
        """The activities of another worker."""
        self._activities = RebalancingActivities(self.store, self._client, self.settings)
        return self._activities

    async def cluster(
        self, name: str, value: float | None = None, labels: dict[str, str] | None = None, **status: Any
    ) -> Record:
        """A cluster, with a metric of this value where one is given."""
        record = await register(self.store, name, nowhere(), labels=labels)
        if value is not None:
            spec = {"min": 0, "max": 1, "max_age": 1e9, "provider": {"name": "fixed", "metric": name}}
            self._metrics[name] = await add(self.store, name, NAMESPACE, "Metric", spec=spec, status={})
            refs = [{"name": name, "weight": 1.0, "namespaced": True}]
            record = await self.respec(record, metrics=refs)
            await self.measure(**{name: value})
        self.clusters[name] = await set_status(self.store, record, **status)
        return self.clusters[name]

    async def respec(self, record: Record, **fields: Any) -> Record:
        """Change a cluster's spec; it is verified at once."""
        async with self.store.transaction() as transaction:
            spec = {**(await transaction.get(record.kind, record.namespace, record.name)).spec, **fields}
            changed = await transaction.update_spec(record, labels=record.labels, spec=spec, event=UPDATED)
            return await transaction.write_status(changed, {"observed_generation": changed.generation})

    async def measure(self, **values: float) -> None:
        """Have metrics take other values."""
        async with self.store.transaction() as transaction:
            for name, value in values.items():
                metric = self._metrics[name]
                await transaction.put_sample(metric.uid, Measured(metric.uid, metric.spec, value, self.now))

    async def app(self, name: str, cluster: str | None, *manifest: Any, **fields: Any) -> Record:
        """An application that runs on a cluster for long, or waits for one (None)."""
        status, labels = fields.pop("status", {}), fields.pop("labels", {})
        spec = application_spec(*(manifest or (config_map(name),)), **fields)
        record = await add(self.store, name, NAMESPACE, labels=labels, spec=spec)
        if cluster is None:
            reason = {"code": "NO_SUITABLE_RESOURCE", "message": "no cluster"}
            return await set_status(
                self.store,
                record,
                **{"state": "PENDING", "reason": reason, "observed_generation": 1, **status},
            )
        uid = self.clusters[cluster].uid
        running = {
            "state": "RUNNING",
            "observed_generation": 1,
            "objects": [{"api_version": "v1", "kind": "ConfigMap", "name": name}],
            "scheduled": "2020-01-01T00:00:00+00:00",
            "scheduled_to": _ref(cluster),
            "scheduled_uid": uid,
        }
        return await set_status(self.store, record, **{**running, **status})

    async def look(self, **order: Any) -> RebalanceReport:
        """One pass at this moment."""
        return await self._activities.run_pass(PassOrder(**order), self.now)

    async def apps(self) -> list[Record]:
        """All applications."""
        return await self.store.all_of("Application")

    async def requests(self) -> dict[str, dict[str, Any]]:
        """The requests that wait for a lifecycle, by application."""
        return {one.name: one.status["request"] for one in await self.apps() if one.status.get("request")}

    async def where(self) -> Counter[str]:
        """How many applications are on each cluster."""
        return Counter(one.status["scheduled_to"]["name"] for one in await self.apps())

    async def carry_out(self) -> int:
        """Have every move succeed that is asked for; says how many there were."""
        asked = await self.requests()
        for one in await self.apps():
            if one.name not in asked:
                continue
            target = asked[one.name]["cluster"] or next(
                name for name in self.clusters if name != one.status["scheduled_to"]["name"]
            )
            moment = self.now.isoformat()
            await set_status(
                self.store,
                one,
                request=None,
                scheduled=moment,
                scheduled_to=_ref(target),
                scheduled_uid=self.clusters[target].uid,
                last_migration={"id": "x", "outcome": "succeeded", "finished": moment},
            )
        return len(asked)


def _ref(name: str) -> dict[str, str]:
    return {"api": "kubernetes", "kind": "Cluster", "namespace": NAMESPACE, "name": name}

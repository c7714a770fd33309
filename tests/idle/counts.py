"""What a cluster's API server and Temporal have counted so far."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from kubernetes.aio.client import ApiClient
from prometheus_client.parser import text_string_to_metric_families
from temporalio.client import Client

from krake.messages.names import WorkflowName

WATCHES = frozenset({"WATCH", "CONNECT"})
"""Verbs of requests that stay open instead of being asked again and again."""
SCHEDULED = frozenset(
    {
        WorkflowName.SWEEP,
        WorkflowName.SAMPLE_METRICS,
        WorkflowName.REBALANCE,
        WorkflowName.OBSERVE_CLOUDS,
    }
)
"""Runs of schedules: one for all of Krake, however many applications there are."""
KINDS = frozenset({"deployments", "services", "configmaps", "pods", "replicasets", "endpointslices"})
"""What applications consist of; nodes and leases are asked for by others, and for each cluster once."""

OF_THE_SERVER = frozenset({"LIST services"})
"""What an API server asks itself every three minutes, to repair its allocation of Service addresses."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Counters at one moment; the difference of two is what happened in between."""

    requests: Counter[str] = field(default_factory=Counter)
    """Requests for objects of applications by verb and kind, watches left out."""
    runs: Counter[str] = field(default_factory=Counter)
    """Workflow runs by name."""
    events: Counter[str] = field(default_factory=Counter)
    """Events in the histories of open runs by workflow name."""

    def since(self, earlier: Counts) -> Counts:
        """What was counted since an earlier moment."""
        return Counts(
            self.requests - earlier.requests, self.runs - earlier.runs, self.events - earlier.events
        )


async def count(clusters: list[ApiClient], temporal: Client) -> Counts:
    """Look at all counters now."""
    counts = Counts()
    for cluster in clusters:
        counts.requests.update(await _requests(cluster))
    async for run in temporal.list_workflows():
        counts.runs[run.workflow_type] += 1
        if run.close_time is None and run.workflow_type not in SCHEDULED:
            description = await temporal.get_workflow_handle(run.id, run_id=run.run_id).describe()
            counts.events[run.workflow_type] += description.history_length
    return counts


async def _requests(cluster: ApiClient) -> Counter[str]:
    request = await cluster.param_serialize("GET", "/metrics", auth_settings=["BearerToken"])
    answer = await cluster.rest_client.request("GET", request[1], headers=request[2])
    counter: Counter[str] = Counter()
    for family in text_string_to_metric_families(await answer.response.text()):
        if family.name != "apiserver_request":
            continue
        for sample in family.samples:
            verb, kind = sample.labels.get("verb", ""), sample.labels.get("resource", "")
            counted = sample.name.endswith("_total") and verb not in WATCHES and kind in KINDS
            if counted and f"{verb} {kind}" not in OF_THE_SERVER:
                counter[f"{verb} {kind}"] += int(sample.value)
    return counter

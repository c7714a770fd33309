"""What the worker counts, for Prometheus."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

CLUSTER_REQUESTS = Counter(
    "krake_cluster_requests", "Requests to Kubernetes API servers", ["cluster", "method", "status"]
)
ACTIVITIES = Counter(
    "krake_activities",
    "Activity attempts by the system they call and how they ended",
    ["system", "activity", "outcome"],
)
ACTIVITY_SECONDS = Histogram(
    "krake_activity_seconds", "Duration of activity attempts", ["system", "activity"]
)
WATCHES = Gauge("krake_cluster_watches", "Open watches by cluster", ["cluster"])
DECISIONS = Counter("krake_placement_decisions", "Placement decisions by outcome", ["outcome"])
REBALANCED = Counter("krake_rebalance_actions", "What became of what passes found due", ["outcome"])

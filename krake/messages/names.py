"""By what names Temporal knows Krake: the task queue, the workflows, their signal and query."""

from __future__ import annotations

from enum import StrEnum

TASK_QUEUE = "krake"
"""Task queue of workflows and activities that any worker can run."""

WAKE_SIGNAL = "wake"
PROGRESS_QUERY = "progress"


class WorkflowName(StrEnum):
    """Stable names of the workflows, as the Temporal UI shows them."""

    APPLICATION = "Application"
    DEPLOY_APPLICATION = "DeployApplication"
    MIGRATE_APPLICATION = "MigrateApplication"
    DELETE_APPLICATION = "DeleteApplication"
    SHUTDOWN_APPLICATION = "ShutdownApplication"
    CLUSTER = "Cluster"
    MAGNUM_CLUSTER = "MagnumCluster"
    PROVISION_CLUSTER = "ProvisionCluster"
    SCALE_CLUSTER = "ScaleCluster"
    DEPROVISION_CLUSTER = "DeprovisionCluster"
    OBSERVE_CLOUDS = "ObserveClouds"
    OBSERVE_CLUSTER = "ObserveCluster"
    CLEAR_CLUSTER = "ClearCluster"
    COLLECT_ORPHANS = "CollectOrphans"
    SWEEP = "Sweep"
    SAMPLE_METRICS = "SampleMetrics"
    COMPARE_APPLICATION = "CompareApplication"
    REBALANCE = "Rebalance"

"""Every workflow that a worker hosts."""

from __future__ import annotations

from workflows.application import Application
from workflows.clear_cluster import ClearCluster
from workflows.cluster import Cluster
from workflows.collect_orphans import CollectOrphans
from workflows.compare_application import CompareApplication
from workflows.delete_application import DeleteApplication
from workflows.deploy_application import DeployApplication
from workflows.deprovision_cluster import DeprovisionCluster
from workflows.magnum_cluster import MagnumCluster
from workflows.migrate_application import MigrateApplication
from workflows.observe_clouds import ObserveClouds
from workflows.observe_cluster import ObserveCluster
from workflows.provision_cluster import ProvisionCluster
from workflows.rebalance import Rebalance
from workflows.sample_metrics import SampleMetrics
from workflows.scale_cluster import ScaleCluster
from workflows.shutdown_application import ShutdownApplication
from workflows.sweep import Sweep

WORKFLOWS: tuple[type, ...] = (
    Application,
    ClearCluster,
    Cluster,
    CompareApplication,
    CollectOrphans,
    DeleteApplication,
    DeployApplication,
    DeprovisionCluster,
    MagnumCluster,
    MigrateApplication,
    ObserveClouds,
    ObserveCluster,
    ProvisionCluster,
    Rebalance,
    SampleMetrics,
    ScaleCluster,
    ShutdownApplication,
    Sweep,
)

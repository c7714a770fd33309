"""Every workflow that a worker hosts."""

from __future__ import annotations

from workflows.application import Application
from workflows.cluster import Cluster
from workflows.delete_application import DeleteApplication
from workflows.deploy_application import DeployApplication
from workflows.migrate_application import MigrateApplication
from workflows.observe_cluster import ObserveCluster
from workflows.sweep import Sweep

WORKFLOWS: tuple[type, ...] = (
    Application,
    Cluster,
    DeleteApplication,
    DeployApplication,
    MigrateApplication,
    ObserveCluster,
    Sweep,
)

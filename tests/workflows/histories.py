"""Saved histories: how they are cleaned, kept and read."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHistory

FOLDER = Path(__file__).parents[1] / "histories"

EXPECTED = {
    "application-delete": "Application",
    "application-deploy": "Application",
    "application-failed": "Application",
    "application-interrupted": "Application",
    "application-retry": "Application",
    "application-unplaced": "Application",
    "application-update": "Application",
    "clear-cluster": "ClearCluster",
    "cluster-deleted": "Cluster",
    "cluster-failed": "Cluster",
    "cluster-made": "Cluster",
    "cluster-removed": "Cluster",
    "cluster-rotated": "Cluster",
    "cluster-verified": "Cluster",
    "cluster-waits": "Cluster",
    "collect-orphans": "CollectOrphans",
    "compare-application": "CompareApplication",
    "delete-after-shutdown": "DeleteApplication",
    "delete-application": "DeleteApplication",
    "delete-given-up": "DeleteApplication",
    "deploy-failed": "DeployApplication",
    "deploy-interrupted": "DeployApplication",
    "deploy-retried": "DeployApplication",
    "deploy-succeeded": "DeployApplication",
    "deploy-translated": "DeployApplication",
    "deploy-unplaced": "DeployApplication",
    "deprovision-cluster": "DeprovisionCluster",
    "magnum-cluster-made": "MagnumCluster",
    "magnum-cluster-removed": "MagnumCluster",
    "magnum-cluster-waits": "MagnumCluster",
    "application-migrate": "Application",
    "migrate-failed": "MigrateApplication",
    "migrate-succeeded": "MigrateApplication",
    "observe-cancelled": "ObserveCluster",
    "observe-clouds": "ObserveClouds",
    "provision-cluster": "ProvisionCluster",
    "provision-failed": "ProvisionCluster",
    "rebalance": "Rebalance",
    "sample-metrics": "SampleMetrics",
    "scale-cluster": "ScaleCluster",
    "shutdown-confirmed": "ShutdownApplication",
    "shutdown-given-up": "ShutdownApplication",
    "shutdown-overridden": "ShutdownApplication",
    "sweep": "Sweep",
}
"""Every saved history with its workflow."""

_MACHINE = frozenset({"identity", "stackTrace", "binaryChecksum", "buildId"})
"""What tells of the machine that recorded and not of the workflow."""


_PROCESS = re.compile(r"^\d+@\S+$")


def cleaned(document: Any) -> Any:
    """A history without what tells of the machine."""
    if isinstance(document, dict):
        return {key: "" if key in _MACHINE else cleaned(value) for key, value in document.items()}
    if isinstance(document, list):
        return [cleaned(item) for item in document]
    # Sticky task queues are named after the process and the host.
    return _PROCESS.sub("worker", document) if isinstance(document, str) else document


def save(name: str, history: WorkflowHistory) -> None:
    """Keep a history."""
    document = cleaned(json.loads(history.to_json()))
    path = FOLDER / f"{name}.json"
    path.write_text(json.dumps({"id": history.workflow_id, "history": document}, indent=1) + "\n")


def load(name: str) -> WorkflowHistory:
    """A kept history."""
    document = json.loads((FOLDER / f"{name}.json").read_text())
    return WorkflowHistory.from_json(document["id"], document["history"])

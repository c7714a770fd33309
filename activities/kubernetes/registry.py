"""The activities that talk to clusters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from temporalio.client import Client

from activities.kubernetes.collecting import CollectingActivities
from activities.kubernetes.comparing_application import ComparingActivities
from activities.kubernetes.connections import Connections
from activities.kubernetes.deploying import DeployingActivities
from activities.kubernetes.observing import ObservingActivities
from activities.kubernetes.readying import ReadyingActivities
from activities.kubernetes.removing import RemovingActivities
from activities.kubernetes.shutting_down import ShuttingDownActivities
from activities.kubernetes.verifying import VerifyingActivities
from activities.kubernetes.volumes.copying import VolumeActivities
from krake.settings import Settings
from krake.store import Store


def kubernetes_activities(
    store: Store, client: Client, connections: Connections, settings: Settings
) -> list[Callable[..., Any]]:
    """The activities, with the connections to clusters that they share."""
    return [
        ShuttingDownActivities(store, connections, settings).request_shutdown,
        DeployingActivities(store, connections, settings).apply_manifest,
        ReadyingActivities(store, connections).await_ready,
        RemovingActivities(store, connections).remove_objects,
        VolumeActivities(store, connections, settings).copy_volumes,
        VerifyingActivities(store, connections).verify_cluster,
        ObservingActivities(store, client, connections, settings).observe_cluster,
        CollectingActivities(store, connections).collect_orphans,
        ComparingActivities(store, connections, settings).compare_application,
    ]

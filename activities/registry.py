"""Every activity that a worker hosts, with what it needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from temporalio.client import Client

from activities.kubernetes.connections import Connections
from activities.kubernetes.deploying import DeployingActivities
from activities.kubernetes.observing import ObservingActivities
from activities.kubernetes.readying import ReadyingActivities
from activities.kubernetes.removing import RemovingActivities
from activities.kubernetes.verifying import VerifyingActivities
from activities.moving.beginning import BeginningActivities
from activities.moving.handing_over import HandingOverActivities
from activities.moving.undoing import UndoingActivities
from activities.placement import PlacementActivities
from activities.store.applications import ApplicationStoreActivities
from activities.store.clusters import ClusterStoreActivities
from activities.sweeping import SweepingActivities
from activities.waking import WakingActivities
from krake.settings import Settings
from krake.store import Store


def all_activities(
    store: Store, client: Client, connections: Connections, settings: Settings
) -> list[Callable[..., Any]]:
    """The activities, bound to their clients."""
    applications = ApplicationStoreActivities(store)
    clusters = ClusterStoreActivities(store)
    waking = WakingActivities(store, client)
    handing_over = HandingOverActivities(store, settings)
    undoing = UndoingActivities(store, settings)
    return [
        applications.next_application_step,
        applications.record_failure,
        applications.begin_deletion,
        applications.release_orphans,
        applications.remove_application,
        clusters.next_cluster_step,
        clusters.record_failure,
        clusters.remove_cluster,
        waking.wake_waiting_applications,
        waking.wake_cluster,
        PlacementActivities(store, settings).place_application,
        BeginningActivities(store, settings).begin_migration,
        handing_over.note_phase,
        handing_over.hand_over,
        handing_over.vacate_source,
        handing_over.finish_migration,
        undoing.begin_undoing,
        undoing.finish_undoing,
        DeployingActivities(store, connections).apply_manifest,
        ReadyingActivities(store, connections).await_ready,
        RemovingActivities(store, connections).remove_objects,
        VerifyingActivities(store, connections).verify_cluster,
        ObservingActivities(store, client, connections, settings).observe_cluster,
        SweepingActivities(store, client, settings).sweep,
    ]

"""Every activity that a worker hosts, with what it needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from temporalio.client import Client

from activities.clearing import ClearingActivities
from activities.kubernetes.connections import Connections
from activities.kubernetes.registry import kubernetes_activities
from activities.magnum_clusters.steps import MagnumClusterActivities
from activities.moving.handing_over import HandingOverActivities
from activities.moving.registry import moving_activities
from activities.placement import PlacementActivities
from activities.provisioning.providers import Providers, installed
from activities.provisioning.registry import provisioning_activities
from activities.rebalancing.rebalancing import RebalancingActivities
from activities.sampling import SamplingActivities
from activities.store.applications import ApplicationStoreActivities
from activities.store.clusters import ClusterStoreActivities
from activities.store.giving_up import GivingUpActivities
from activities.store.shutdowns import ShutdownStoreActivities
from activities.sweeping import SweepingActivities
from activities.tosca.translating import TranslatingActivities
from activities.waking import WakingActivities
from krake.settings import Settings
from krake.store import Store


def all_activities(
    store: Store, client: Client, connections: Connections, settings: Settings
) -> list[Callable[..., Any]]:
    """The activities, bound to their clients."""
    applications = ApplicationStoreActivities(store)
    clusters = ClusterStoreActivities(store)
    shutdowns = ShutdownStoreActivities(store, settings)
    waking = WakingActivities(store, client, settings)
    clearing = ClearingActivities(store, client, settings)
    return [
        applications.next_application_step,
        applications.record_failure,
        applications.begin_deletion,
        applications.remove_application,
        clusters.next_cluster_step,
        clusters.record_failure,
        clusters.remove_cluster,
        *provisioning_activities(store, client, Providers(store, settings, installed), settings),
        MagnumClusterActivities(store, settings).next_magnum_cluster_step,
        waking.wake_waiting_applications,
        waking.wake_cluster,
        TranslatingActivities(store, settings).translate_application,
        shutdowns.begin_shutdown,
        shutdowns.shutdown_confirmed,
        shutdowns.end_shutdown,
        PlacementActivities(store, settings, client).place_application,
        *moving_activities(store, settings, HandingOverActivities(store, settings)),
        *kubernetes_activities(store, client, connections, settings),
        GivingUpActivities(store, settings).release_orphans,
        clearing.clear_cluster,
        clearing.start_clearing,
        clearing.wake_lifecycle,
        SweepingActivities(store, client, settings).sweep,
        SamplingActivities(store, client, settings).sample_metrics,
        RebalancingActivities(store, client, settings).rebalance,
    ]

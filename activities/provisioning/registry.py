"""The activities that make, change, watch and remove clusters at clouds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from temporalio.client import Client

from activities.provisioning.changing import ChangingActivities
from activities.provisioning.choosing import ChoosingActivities
from activities.provisioning.looking import LookingActivities
from activities.provisioning.making import MakingActivities
from activities.provisioning.observing import ObservingCloudsActivities
from activities.provisioning.providers import Providers
from activities.provisioning.removing import RemovingFromCloudActivities
from krake.settings import Settings
from krake.store import Store


def provisioning_activities(
    store: Store, client: Client, providers: Providers, settings: Settings
) -> list[Callable[..., Any]]:
    """The activities, with the providers that they call."""
    making = MakingActivities(store, providers)
    changing = ChangingActivities(store, providers)
    removing = RemovingFromCloudActivities(store, providers)
    return [
        ChoosingActivities(store, settings).choose_cloud,
        making.create_cluster,
        making.fetch_credentials,
        making.record_rotation_failure,
        LookingActivities(store, providers, settings).look_at_cluster,
        changing.change_cluster,
        changing.note_changed,
        changing.record_change_failure,
        removing.delete_at_cloud,
        removing.verify_gone,
        removing.record_removal_failure,
        removing.record_provisioning_failure,
        ObservingCloudsActivities(store, client, providers, settings).observe_clouds,
    ]

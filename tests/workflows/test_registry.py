"""Names are a contract with every run that is open at an upgrade: they never change by accident."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from temporalio.client import Client

import activities
import workflows
from activities.kubernetes.connections import Connections
from activities.kubernetes.limits import Limits
from activities.registry import all_activities
from krake.messages.names import WorkflowName
from krake.settings import Settings
from krake.store import Store
from workflows.registry import WORKFLOWS

_WORKFLOW = "__temporal_workflow_definition"
_ACTIVITY = "__temporal_activity_definition"

WORKFLOW_NAMES = {
    "Application",
    "ClearCluster",
    "Cluster",
    "CompareApplication",
    "CollectOrphans",
    "DeleteApplication",
    "DeployApplication",
    "DeprovisionCluster",
    "MagnumCluster",
    "MigrateApplication",
    "ObserveClouds",
    "ObserveCluster",
    "ProvisionCluster",
    "Rebalance",
    "SampleMetrics",
    "ScaleCluster",
    "ShutdownApplication",
    "Sweep",
}
ACTIVITY_NAMES = {
    "apply_manifest",
    "await_ready",
    "begin_deletion",
    "begin_migration",
    "begin_undoing",
    "clear_cluster",
    "collect_orphans",
    "change_cluster",
    "choose_cloud",
    "copy_volumes",
    "create_cluster",
    "delete_at_cloud",
    "fetch_credentials",
    "look_at_cluster",
    "note_changed",
    "observe_clouds",
    "record_change_failure",
    "record_provisioning_failure",
    "record_removal_failure",
    "record_rotation_failure",
    "verify_gone",
    "finish_migration",
    "finish_undoing",
    "hand_over",
    "compare_application",
    "begin_shutdown",
    "end_shutdown",
    "next_application_step",
    "note_migration_phase",
    "next_cluster_step",
    "next_magnum_cluster_step",
    "observe_cluster",
    "place_application",
    "record_application_failure",
    "record_cluster_failure",
    "rebalance",
    "release_orphans",
    "remove_application",
    "remove_cluster",
    "remove_objects",
    "start_clearing",
    "request_shutdown",
    "shutdown_confirmed",
    "sample_metrics",
    "sweep",
    "translate_application",
    "vacate_source",
    "verify_cluster",
    "wake_cluster",
    "wake_lifecycle",
    "wake_waiting_applications",
}
"""Add to these with every new workflow or activity; renaming one breaks the runs that are open."""


def classes(package: ModuleType) -> Iterator[type]:
    """Every class that is defined below a package."""
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(found.name)
        for _, one in inspect.getmembers(module, inspect.isclass):
            if one.__module__ == module.__name__:
                yield one


def definition(one: Any) -> Any:
    """What Temporal's decorator left on a workflow or an activity; None without it."""
    return getattr(one, _WORKFLOW, None) or getattr(one, _ACTIVITY, None)


def name_of(one: Any) -> str:
    """The stable name of a workflow or an activity."""
    return str(definition(one).name)


def declared_activities() -> dict[str, Any]:
    """Every activity in the tree by its name."""
    functions = [
        function
        for one in classes(activities)
        for _, function in inspect.getmembers(one, inspect.isfunction)
        if definition(function)
    ]
    return {name_of(function): function for function in functions}


def test_every_workflow_is_registered_under_its_name() -> None:
    declared = [one for one in classes(workflows) if definition(one)]
    assert set(declared) == set(WORKFLOWS)
    names = {name_of(one) for one in declared}
    assert names == WORKFLOW_NAMES == {name.value for name in WorkflowName}


async def test_every_activity_is_registered_under_its_name(client: Client, store: Store) -> None:
    registered = all_activities(store, client, Connections(store, Limits()), Settings())
    names = {name_of(one) for one in registered}
    assert names == set(declared_activities()) == ACTIVITY_NAMES
    assert len(registered) == len(names)


def test_names_are_given_and_not_those_of_functions_by_chance() -> None:
    """`defn` without a name would change it with every renamed function."""
    for function in declared_activities().values():
        assert "@activity.defn(name=" in inspect.getsource(function)
    for one in WORKFLOWS:
        assert "@workflow.defn(name=" in inspect.getsource(one)

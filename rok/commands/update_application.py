"""`rok kube app update`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from rok.completing import name_argument
from rok.hooks import HookCommand, hook_options, remove_hooks_option
from rok.metric_options import metric_constraint_option, prefer_option
from rok.options import (
    auto_cluster_option,
    backoff_options,
    constraint_option,
    drift_option,
    dry_run_option,
    file_option,
    inject_option,
    label_option,
    migration_option,
    observer_schema_option,
    removal_option,
    remove_labels_option,
    resource_constraint_option,
    rollback_option,
    tosca_input_option,
    url_option,
    wait_options,
)
from rok.resources import APPLICATIONS
from rok.session import Session, common_options, pass_session
from rok.spread_options import spread_option


@click.command(
    examples=(
        "rok kube app update shop -f app.yaml --wait",
        "rok kube app update shop -L 'location is IT'",
        "rok kube app update shop --remove-existing-labels -l team=shop",
        "rok kube app update shop --hook-shutdown 60 delete",
    ),
    cls=HookCommand,
)
@name_argument
@file_option
@url_option
@tosca_input_option
@removal_option("tosca-inputs", "Drop the values for inputs that are there.")
@observer_schema_option
@drift_option
@label_option
@remove_labels_option
@constraint_option
@removal_option("label-constraints", "Drop the label constraints that are there.")
@resource_constraint_option
@removal_option("resource-constraints", "Drop the custom resource constraints that are there.")
@metric_constraint_option
@removal_option("metric-constraints", "Drop the metric constraints that are there.")
@prefer_option
@removal_option("preferences", "Drop the preferences that are there.")
@spread_option
@removal_option("spread", "Do not spread it any more.")
@migration_option
@inject_option
@hook_options
@remove_hooks_option
@rollback_option
@auto_cluster_option
@backoff_options("to deploy")
@dry_run_option
@wait_options(("reconciling", "running"), bare="running")
@common_options
@pass_session
def update(
    session: Session, /, name: str, dry_run: bool, wait: str | None, timeout: float, **options: Any
) -> None:
    """Change the application NAME. What is not given stays as it is.

    Labels, metric constraints and values for inputs are added to those that are there; label and custom
    resource constraints and preferences replace those of their sort. A new manifest, template or archive
    takes the place of the one that is there.
    """
    from rok.actions import Waiting, rehearse_update, update_resource

    change = change_of(options)
    if dry_run:
        rehearse_update(session, APPLICATIONS, name, change)
        return
    update_resource(session, APPLICATIONS, name, change, Waiting(wait and wait.upper(), timeout))


def change_of(options: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """The change that the options of `update` ask for.

    Raises:
        click.UsageError: nothing would change, or options do not fit together.
        RokError: a file cannot be read, or holds something else.
    """
    from rok.application_changes import change_application

    return change_application(**options)

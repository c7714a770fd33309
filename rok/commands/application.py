"""`rok kube app`: applications."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from rok.commands.migration import cancel, migrate
from rok.helping import Group
from rok.hooks import HookCommand, hook_fields, hook_options, remove_hooks_option
from rok.metric_options import metric_constraint_option, prefer_option
from rok.options import (
    all_option,
    backoff_options,
    constraint_option,
    drift_option,
    dry_run_option,
    file_option,
    force_option,
    given,
    inject_option,
    label_option,
    migration_option,
    observer_schema_option,
    resource_constraint_option,
    rollback_option,
    tosca_input_option,
    url_option,
    wait_options,
    watch_option,
)
from rok.resources import APPLICATIONS
from rok.session import Session, common_options, pass_session
from rok.spread_options import spread_option

Pairs = tuple[tuple[str, str], ...]


@click.group(cls=Group, examples=("rok kube app create -f app.yaml shop --wait", "rok kube app get shop"))
def application() -> None:
    """Applications: Kubernetes manifests that Krake places on a cluster, runs and watches."""


@application.command(
    examples=(
        "rok kube app create -f app.yaml shop --wait",
        "rok kube app create -f app.yaml shop -L 'location is DE' -l team=web",
        "rok kube app create -f app.yaml web-2 -l team=web --spread location team",
        "rok kube app create -f tosca.yaml shop --tosca-input port=8080",
        "rok kube app create -u https://example.org/shop.csar shop",
        "helm template shop ./chart | rok kube app create -f - shop --wait running --timeout 5m",
        "rok kube app create -f app.yaml shop --hook-complete --hook-shutdown 60 give_up 2",
    ),
    cls=HookCommand,
)
@click.argument("name")
@file_option
@url_option
@tosca_input_option
@observer_schema_option
@drift_option
@label_option
@constraint_option
@resource_constraint_option
@metric_constraint_option
@prefer_option
@spread_option
@migration_option
@inject_option
@hook_options
@rollback_option
@backoff_options("to deploy")
@dry_run_option
@wait_options(("pending", "creating", "running"), bare="running")
@common_options
@pass_session
def create(
    session: Session,
    /,
    name: str,
    manifest: str | None,
    url: str | None,
    tosca_inputs: Pairs,
    observer_schema: str | None,
    drift: str | None,
    labels: Pairs,
    constraints: tuple[str, ...],
    resources: tuple[str, ...],
    metric_constraints: tuple[str, ...],
    preferences: tuple[dict[str, Any], ...],
    spread: dict[str, Any] | None,
    migration: bool | None,
    values: Pairs,
    hook_complete: bool,
    hook_shutdown: dict[str, Any] | None,
    dry_run: bool,
    wait: str | None,
    timeout: float,
    **backoff: int | None,
) -> None:
    """Create the application NAME from a Kubernetes manifest, a TOSCA template or a CSAR archive."""
    from rok.actions import Waiting, create_resource, rehearse_creation
    from rok.sources import UNDEFINED, read_source

    source = read_source(manifest, url, values, tosca_inputs)
    if source is None:
        raise click.UsageError(UNDEFINED)
    wanted = {
        "labels": list(constraints),
        "custom_resources": list(resources),
        "metrics": list(metric_constraints),
        "spread": spread,
    }
    cluster = {key: value for key, value in wanted.items() if value}
    document = {
        "api": "kubernetes",
        "kind": "Application",
        "metadata": {"name": name, "namespace": session.namespace, "labels": dict(labels)},
        "spec": {
            **source,
            **({"tosca_inputs": dict(tosca_inputs)} if tosca_inputs else {}),
            "constraints": {"cluster": cluster, **given(migration=migration)},
            **({"preferences": list(preferences)} if preferences else {}),
            **hook_fields(hook_complete, hook_shutdown),
            **given(drift=drift, observer_schema=_schemas(observer_schema), **backoff),
        },
    }
    if dry_run:
        rehearse_creation(session, APPLICATIONS, document)
        return
    create_resource(session, APPLICATIONS, document, Waiting(wait and wait.upper(), timeout))


@application.command(
    "list",
    examples=(
        "rok kube app list",
        "rok kube app list --all -o wide",
        "rok kube app list -w",
    ),
)
@all_option
@watch_option
@common_options
@pass_session
def list_(session: Session, /, everywhere: bool, watch: bool) -> None:
    """List the applications of a namespace."""
    from rok.actions import list_resources

    list_resources(session, APPLICATIONS, everywhere, watch)


@application.command(
    examples=(
        "rok kube app get shop",
        "rok kube app get shop -w",
        "rok kube app get shop -o json",
    )
)
@click.argument("name")
@watch_option
@common_options
@pass_session
def get(session: Session, /, name: str, watch: bool) -> None:
    """Show the application NAME: its state, why, and where it runs."""
    from rok.actions import get_resource

    get_resource(session, APPLICATIONS, name, watch)


@application.command(
    examples=(
        "rok kube app update shop -f app.yaml --wait",
        "rok kube app update shop -L 'location is IT'",
        "rok kube app update shop --remove-existing-labels -l team=shop",
        "rok kube app update shop --hook-shutdown 60 delete",
    ),
    cls=HookCommand,
)
@click.argument("name")
@file_option
@url_option
@tosca_input_option
@click.option(
    "--remove-existing-tosca-inputs", is_flag=True, help="Drop the values for inputs that are there."
)
@observer_schema_option
@drift_option
@label_option
@click.option("--remove-existing-labels", is_flag=True, help="Replace the labels instead of adding to them.")
@constraint_option
@click.option(
    "--remove-existing-label-constraints", is_flag=True, help="Drop the label constraints that are there."
)
@resource_constraint_option
@click.option(
    "--remove-existing-resource-constraints",
    is_flag=True,
    help="Drop the custom resource constraints that are there.",
)
@metric_constraint_option
@click.option(
    "--remove-existing-metric-constraints", is_flag=True, help="Drop the metric constraints that are there."
)
@prefer_option
@click.option("--remove-existing-preferences", is_flag=True, help="Drop the preferences that are there.")
@spread_option
@click.option("--remove-existing-spread", is_flag=True, help="Do not spread it any more.")
@migration_option
@inject_option
@hook_options
@remove_hooks_option
@rollback_option
@backoff_options("to deploy")
@dry_run_option
@wait_options(("reconciling", "running"), bare="running")
@common_options
@pass_session
def update(
    session: Session,
    /,
    name: str,
    manifest: str | None,
    url: str | None,
    observer_schema: str | None,
    dry_run: bool,
    wait: str | None,
    timeout: float,
    **changes: Any,
) -> None:
    """Change the application NAME. What is not given stays as it is.

    Labels and values for inputs are added to those that are there; constraints of a sort replace those of
    that sort. A new manifest, template or archive takes the place of the one that is there.
    """
    from rok.actions import Waiting, rehearse_update, update_resource

    change = change_of(manifest, url, observer_schema, changes)
    if dry_run:
        rehearse_update(session, APPLICATIONS, name, change)
        return
    update_resource(session, APPLICATIONS, name, change, Waiting(wait and wait.upper(), timeout))


def change_of(
    manifest: str | None, url: str | None, observer_schema: str | None, changes: dict[str, Any]
) -> Callable[[dict[str, Any]], None]:
    """The change that the options of `update` ask for.

    Raises:
        click.UsageError: nothing would change, or options do not fit together.
    """
    from rok.changes import change_application
    from rok.sources import read_source

    source = read_source(manifest, url, changes["values"], changes["tosca_inputs"])
    return change_application(source, observer_schema=_schemas(observer_schema), **changes)


@application.command(
    examples=(
        "rok kube app delete shop",
        "rok kube app delete shop --wait",
        "rok kube app delete shop --force",
    )
)
@click.argument("name")
@force_option
@wait_options(("deleting", "deleted"), bare="deleted")
@common_options
@pass_session
def delete(session: Session, /, name: str, force: bool, wait: str | None, timeout: float) -> None:
    """Delete the application NAME together with its objects on the cluster.

    What cannot be removed after some minutes is recorded, see `rok core orphan`.
    """
    from rok.actions import Waiting, delete_resource

    params = {"force": "True"} if force else {}
    delete_resource(session, APPLICATIONS, name, Waiting(wait and wait.upper(), timeout), **params)


@application.command(examples=("rok kube app retry shop",))
@click.argument("name")
@common_options
@pass_session
def retry(session: Session, /, name: str) -> None:
    """Have another try at the application NAME, which is FAILED or did not shut down."""
    from rok.actions import retry_resource

    retry_resource(session, APPLICATIONS, name)


@application.command(
    examples=(
        "rok kube app events shop",
        "rok kube app events shop -w",
        "rok kube app events shop -o json",
    )
)
@click.argument("name")
@watch_option
@common_options
@pass_session
def events(session: Session, /, name: str, watch: bool) -> None:
    """Show what happened to the application NAME: who did what, and why."""
    from rok.events import show_events

    show_events(session, APPLICATIONS, name, watch)


@application.command(
    examples=(
        "rok kube app operations shop",
        "rok kube app operations shop -w",
    )
)
@click.argument("name")
@watch_option
@common_options
@pass_session
def operations(session: Session, /, name: str, watch: bool) -> None:
    """Show what Krake did and does for the application NAME, with the current step."""
    from rok.story import show_operations

    show_operations(session, APPLICATIONS, name, watch)


application.add_command(migrate)
application.add_command(cancel)


def _schemas(source: str | None) -> list[dict[str, Any]] | None:
    """The observer schemas of a file; None where none is given."""
    from rok.manifests import read_observer_schemas

    return None if source is None else read_observer_schemas(source)

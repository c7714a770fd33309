"""`rok kube app`: applications."""

from __future__ import annotations

from typing import Any

import click

from rok.commands.migration import cancel, migrate
from rok.helping import Group
from rok.options import (
    all_option,
    backoff_options,
    constraint_option,
    file_option,
    given,
    inject_option,
    label_option,
    migration_option,
    wait_options,
    watch_option,
)
from rok.resources import APPLICATIONS
from rok.session import Session, common_options, pass_session

Pairs = tuple[tuple[str, str], ...]


@click.group(cls=Group, examples=("rok kube app create -f app.yaml shop --wait", "rok kube app get shop"))
def application() -> None:
    """Applications: Kubernetes manifests that Krake places on a cluster, runs and watches."""


@application.command(
    examples=(
        "rok kube app create -f app.yaml shop --wait",
        "rok kube app create -f app.yaml shop -L 'location is DE' -l team=web",
        "helm template shop ./chart | rok kube app create -f - shop --wait running --timeout 5m",
    )
)
@click.argument("name")
@file_option
@label_option
@constraint_option
@migration_option
@inject_option
@backoff_options("to deploy")
@wait_options(("pending", "creating", "running"), bare="running")
@common_options
@pass_session
def create(
    session: Session,
    /,
    name: str,
    manifest: str | None,
    labels: Pairs,
    constraints: tuple[str, ...],
    migration: bool | None,
    values: Pairs,
    wait: str | None,
    timeout: float,
    **backoff: int | None,
) -> None:
    """Create the application NAME from a manifest file."""
    from rok.actions import Waiting, create_resource

    if manifest is None:
        raise click.UsageError(
            "Application should be defined by a Kubernetes manifest file via the `--file` option"
        )
    cluster = {"labels": list(constraints)} if constraints else {}
    document = {
        "api": "kubernetes",
        "kind": "Application",
        "metadata": {"name": name, "namespace": session.namespace, "labels": dict(labels)},
        "spec": {
            "manifest": _objects(manifest, values),
            "constraints": {"cluster": cluster, **given(migration=migration)},
            **given(**backoff),
        },
    }
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
    )
)
@click.argument("name")
@file_option
@label_option
@click.option("--remove-existing-labels", is_flag=True, help="Replace the labels instead of adding to them.")
@constraint_option
@click.option(
    "--remove-existing-label-constraints", is_flag=True, help="Drop the label constraints that are there."
)
@migration_option
@inject_option
@backoff_options("to deploy")
@wait_options(("reconciling", "running"), bare="running")
@common_options
@pass_session
def update(
    session: Session,
    /,
    name: str,
    manifest: str | None,
    wait: str | None,
    timeout: float,
    **changes: Any,
) -> None:
    """Change the application NAME. What is not given stays as it is.

    Labels are added to those that are there; label constraints replace them.
    """
    from rok.actions import Waiting, update_resource
    from rok.changes import change_application

    objects = _objects(manifest, changes["values"]) if manifest is not None else None
    change = change_application(objects, **changes)
    update_resource(session, APPLICATIONS, name, change, Waiting(wait and wait.upper(), timeout))


@application.command(
    examples=(
        "rok kube app delete shop",
        "rok kube app delete shop --wait",
    )
)
@click.argument("name")
@wait_options(("deleting", "deleted"), bare="deleted")
@common_options
@pass_session
def delete(session: Session, /, name: str, wait: str | None, timeout: float) -> None:
    """Delete the application NAME together with its objects on the cluster."""
    from rok.actions import Waiting, delete_resource

    delete_resource(session, APPLICATIONS, name, Waiting(wait and wait.upper(), timeout))


@application.command(
    examples=(
        "rok kube app events shop",
        "rok kube app events shop -o json",
    )
)
@click.argument("name")
@common_options
@pass_session
def events(session: Session, /, name: str) -> None:
    """Show what happened to the application NAME: who did what, and why."""
    from rok.story import show_events

    show_events(session, APPLICATIONS, name)


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


def _objects(source: str, values: Pairs) -> list[dict[str, Any]]:
    """The manifest's objects with values injected; a key that is nowhere is worth a warning."""
    from rok.manifests import inject, read_manifest

    objects = read_manifest(source)
    missing = sorted(dict(values).keys() - inject(objects, dict(values)))
    if missing:
        click.echo(f"Warning: no environment variable has the value {', '.join(missing)}", err=True)
    return objects

"""`rok kube app`: applications."""

from __future__ import annotations

import click

from rok.commands.create_application import create
from rok.commands.migration import cancel, migrate
from rok.commands.update_application import update
from rok.completing import name_argument
from rok.helping import Group
from rok.options import all_option, force_option, wait_options, watch_option
from rok.resources import APPLICATIONS
from rok.selecting import selection, selector_options
from rok.session import Session, common_options, pass_session


@click.group(
    cls=Group,
    collection=APPLICATIONS,
    examples=("rok kube app create -f app.yaml shop --wait", "rok kube app get shop"),
)
def application() -> None:
    """Applications: Kubernetes manifests that Krake places on a cluster, runs and watches."""


@application.command(
    "list",
    examples=(
        "rok kube app list",
        "rok kube app list --all -o wide",
        "rok kube app list -l env=prod",
        "rok kube app list -w",
    ),
)
@all_option
@selector_options
@watch_option
@common_options
@pass_session
def list_(
    session: Session,
    /,
    everywhere: bool,
    label_selector: str | None,
    field_selector: str | None,
    watch: bool,
) -> None:
    """List the applications of a namespace."""
    from rok.actions import list_resources

    params = selection(label_selector, field_selector)
    list_resources(session, APPLICATIONS, everywhere, watch, params)


@application.command(
    examples=(
        "rok kube app get shop",
        "rok kube app get shop -w",
        "rok kube app get shop -o json",
    )
)
@name_argument
@watch_option
@common_options
@pass_session
def get(session: Session, /, name: str, watch: bool) -> None:
    """Show the application NAME: its state, why, and where it runs."""
    from rok.actions import get_resource

    get_resource(session, APPLICATIONS, name, watch)


@application.command(
    examples=(
        "rok kube app delete shop",
        "rok kube app delete shop --wait",
        "rok kube app delete shop --force",
    )
)
@name_argument
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
@name_argument
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
@name_argument
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
@name_argument
@watch_option
@common_options
@pass_session
def operations(session: Session, /, name: str, watch: bool) -> None:
    """Show what Krake did and does for the application NAME, with the current step."""
    from rok.story import show_operations

    show_operations(session, APPLICATIONS, name, watch)


for command in (create, update, migrate, cancel):
    application.add_command(command)

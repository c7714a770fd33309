"""`rok kube cluster`: clusters."""

from __future__ import annotations

import click

from rok.commands.capacity import taint, top
from rok.commands.explain import decision_option
from rok.commands.leave_cluster import cordon, drain, uncordon
from rok.commands.make_cluster import create, retry, rotate_credentials, scale, upgrade
from rok.commands.register_cluster import register, update
from rok.completing import name_argument
from rok.helping import Group
from rok.options import all_option, force_option, given, wait_options, watch_option
from rok.resources import CLUSTERS
from rok.selecting import selection, selector_options
from rok.session import Session, common_options, pass_session


@click.group(
    cls=Group,
    collection=CLUSTERS,
    examples=(
        "rok kube cluster register -k ~/.kube/config",
        "rok kube cluster create edge --nodes 3 --wait",
        "rok kube cluster list",
    ),
)
def cluster() -> None:
    """Clusters: where Krake may place applications."""


@cluster.command(
    "list",
    examples=(
        "rok kube cluster list",
        "rok kube cluster list --all -o wide",
        "rok kube cluster list -l 'region in (eu,us)'",
        "rok kube cluster list -w",
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
    """List the clusters of a namespace."""
    from rok.actions import list_resources

    params = selection(label_selector, field_selector)
    list_resources(session, CLUSTERS, everywhere, watch, params)


@cluster.command(
    examples=(
        "rok kube cluster get edge",
        "rok kube cluster get edge -w",
        "rok kube cluster get edge -o yaml",
    )
)
@name_argument
@watch_option
@common_options
@pass_session
def get(session: Session, /, name: str, watch: bool) -> None:
    """Show the cluster NAME: its state, nodes and version, and how old that knowledge is.

    Of one that Krake makes also how it stands at its cloud, and what it inherits from it.
    """
    from rok.actions import get_resource

    get_resource(session, CLUSTERS, name, watch)


@cluster.command(
    examples=(
        "rok kube cluster delete edge",
        "rok kube cluster delete edge --wait",
        "rok kube cluster delete edge --policy cascade",
        "rok kube cluster delete edge --force",
    )
)
@name_argument
@click.option(
    "--policy",
    type=click.Choice(("drain", "cascade", "orphan")),
    help="What becomes of its applications: they move elsewhere, are deleted too, or leave their objects "
    "there and are placed anew. [default: drain]",
)
@force_option
@wait_options(("deleting", "deleted"), bare="deleted")
@common_options
@pass_session
def delete(
    session: Session, /, name: str, policy: str | None, force: bool, wait: str | None, timeout: float
) -> None:
    """Remove the cluster NAME from Krake, when nothing is on it any more; `get` shows how far that is.

    One that Krake made is removed from its cloud, with all that was made for it. One that was registered
    stays as it is.
    """
    from rok.actions import Waiting, delete_resource

    params = given(policy=policy, force="True" if force else None)
    delete_resource(session, CLUSTERS, name, Waiting(wait and wait.upper(), timeout), **params)


@cluster.command(
    examples=(
        "rok kube cluster operations edge",
        "rok kube cluster operations edge -w",
    )
)
@name_argument
@watch_option
@common_options
@pass_session
def operations(session: Session, /, name: str, watch: bool) -> None:
    """Show what is and was being done about the cluster NAME, and the step that it is at."""
    from rok.story import show_operations

    show_operations(session, CLUSTERS, name, watch)


@cluster.command(
    examples=(
        "rok kube cluster explain edge",
        "rok kube cluster explain edge --decision 17 -o json",
    )
)
@name_argument
@decision_option
@common_options
@pass_session
def explain(session: Session, /, name: str, number: int | None) -> None:
    """Explain on which cloud the cluster NAME is made: every cloud, what it is worth, why not."""
    from rok.explaining import explain as show

    show(session, CLUSTERS, name, number)


@cluster.command(
    examples=(
        "rok kube cluster events edge",
        "rok kube cluster events edge -w",
        "rok kube cluster events edge -o json",
    )
)
@name_argument
@watch_option
@common_options
@pass_session
def events(session: Session, /, name: str, watch: bool) -> None:
    """Show what happened to the cluster NAME: who did what, and why."""
    from rok.events import show_events

    show_events(session, CLUSTERS, name, watch)


for command in (create, scale, upgrade, retry, rotate_credentials):
    cluster.add_command(command)
for command in (register, update, cordon, uncordon, drain, taint, top):
    cluster.add_command(command)

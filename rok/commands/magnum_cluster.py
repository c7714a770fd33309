"""`rok os cluster`: clusters that Magnum makes in OpenStack projects."""

from __future__ import annotations

import click

from rok.commands.kept import add_reading_commands
from rok.completing import name_argument
from rok.helping import Group
from rok.metric_options import Weights, global_metric_option, metric_option
from rok.options import decorated_with, given, label_option, wait_options
from rok.resources import MAGNUM_CLUSTERS
from rok.session import Session, common_options, pass_session

Pairs = tuple[tuple[str, str], ...]

_masters_option = click.option(
    "--master-count", type=int, metavar="NUMBER", help="Nodes of the control plane: 1, 3 or 5. [default: 1]"
)
_described = decorated_with(
    (
        click.option(
            "--node-count", type=click.IntRange(min=0), metavar="NUMBER", help="Worker nodes. [default: 1]"
        ),
        label_option,
        metric_option,
        global_metric_option,
        click.option(
            "-L",
            "--project-label-constraint",
            "constraints",
            multiple=True,
            metavar="CONSTRAINT",
            help="What the project's labels have to be: 'location is DE'; may be repeated.",
        ),
        wait_options(("creating", "running", "reconciling"), bare="running"),
        common_options,
        pass_session,
    )
)

magnum_cluster = Group(
    "cluster",
    collection=MAGNUM_CLUSTERS,
    help="Clusters that Magnum makes in OpenStack projects.",
    examples=("rok os cluster create shop --node-count 2 -L 'location is DE' --wait", "rok os cluster list"),
)
add_reading_commands(magnum_cluster, MAGNUM_CLUSTERS, "cluster", "shop")


@magnum_cluster.command(
    help="Create the Magnum cluster NAME, in the project that fits best.\n\n"
    "Applications are placed on the cluster of Kubernetes that `get` shows.",
    examples=(
        "rok os cluster create shop --node-count 2 --wait",
        "rok os cluster create shop --master-count 3 --node-count 5 -L 'location is DE'",
    ),
)
@click.argument("name")
@_masters_option
@_described
def create(
    session: Session,
    /,
    name: str,
    master_count: int | None,
    node_count: int | None,
    labels: Pairs,
    metrics: Weights,
    global_metrics: Weights,
    constraints: tuple[str, ...],
    wait: str | None,
    timeout: float,
) -> None:
    """Create a Magnum cluster."""
    from rok.actions import Waiting, create_resource
    from rok.openstack_group import new_magnum_cluster

    sizes = given(master_count=master_count, node_count=node_count)
    document = {
        "api": MAGNUM_CLUSTERS.api,
        "kind": MAGNUM_CLUSTERS.kind,
        "metadata": {"name": name, "namespace": session.namespace, "labels": dict(labels)},
        "spec": new_magnum_cluster(metrics, global_metrics, constraints, sizes),
    }
    create_resource(session, MAGNUM_CLUSTERS, document, Waiting(wait and wait.upper(), timeout))


@magnum_cluster.command(
    help="Change the Magnum cluster NAME. What is not given stays as it is.\n\n"
    "Labels and metrics are added to those that are there, label constraints replace them.",
    examples=("rok os cluster update shop --node-count 4 --wait",),
)
@name_argument
@_described
def update(
    session: Session,
    /,
    name: str,
    node_count: int | None,
    labels: Pairs,
    metrics: Weights,
    global_metrics: Weights,
    constraints: tuple[str, ...],
    wait: str | None,
    timeout: float,
) -> None:
    """Change a Magnum cluster."""
    from rok.actions import Waiting, update_resource
    from rok.openstack_group import change_magnum_cluster

    change = change_magnum_cluster(labels, metrics, global_metrics, constraints, given(node_count=node_count))
    update_resource(session, MAGNUM_CLUSTERS, name, change, Waiting(wait and wait.upper(), timeout))


@magnum_cluster.command(
    help="Delete the Magnum cluster NAME, and its cluster at the cloud with it.\n\n"
    "The applications on it move elsewhere first.",
    examples=("rok os cluster delete shop --wait",),
)
@name_argument
@wait_options(("deleting", "deleted"), bare="deleted")
@common_options
@pass_session
def delete(session: Session, /, name: str, wait: str | None, timeout: float) -> None:
    """Delete a Magnum cluster."""
    from rok.actions import Waiting, delete_resource

    delete_resource(session, MAGNUM_CLUSTERS, name, Waiting(wait and wait.upper(), timeout))

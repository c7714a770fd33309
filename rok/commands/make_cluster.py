"""`rok kube cluster create`, `scale`, `upgrade`, `retry`, `rotate-credentials`: clusters that Krake makes."""

from __future__ import annotations

from typing import Any

import click

from rok.cluster_options import (
    SLOW,
    cloud_label_option,
    cloud_metric_option,
    inherit_options,
    machine_options,
    template_file_option,
)
from rok.completing import name_argument
from rok.helping import Command
from rok.metric_options import global_metric_option, metric_option
from rok.options import backoff_options, custom_resource_option, decorated_with, label_option, wait_options
from rok.resources import CLUSTERS
from rok.session import Session, common_options, pass_session

_common = decorated_with(
    (wait_options(("online",), bare="online", default_timeout=SLOW), common_options, pass_session)
)


@click.command(
    cls=Command,
    examples=(
        "rok kube cluster create edge --nodes 3 --flavor m1.medium --wait",
        "rok kube cluster create edge -L 'location is DE' --inherit-labels",
        "rok kube cluster create edge -f cluster.yaml --wait",
    ),
)
@click.argument("name")
@template_file_option
@machine_options
@cloud_label_option
@cloud_metric_option
@inherit_options
@label_option
@custom_resource_option
@metric_option
@global_metric_option
@backoff_options("to reach it")
@_common
def create(session: Session, /, name: str, wait: str | None, timeout: float, **options: Any) -> None:
    """Have the cluster NAME made on the cloud that fits best.

    By a TOSCA template, or plainly by the number and size of its nodes. `explain` says why it is made where
    it is.
    """
    from rok.actions import Waiting, create_resource
    from rok.new_cluster import new_cluster

    document = new_cluster(session.namespace, name, **options)
    create_resource(session, CLUSTERS, document, Waiting(wait and wait.upper(), timeout))


@click.command(cls=Command, examples=("rok kube cluster scale edge --nodes 5 --wait",))
@name_argument
@click.option(
    "--nodes", type=click.IntRange(min=0), required=True, metavar="NUMBER", help="Worker nodes to have."
)
@_common
def scale(session: Session, /, name: str, nodes: int, wait: str | None, timeout: float) -> None:
    """Have the cluster NAME get this number of worker nodes. It works all the while."""
    _change(session, name, wait, timeout, nodes=nodes)


@click.command(
    cls=Command,
    examples=(
        "rok kube cluster upgrade edge --kubernetes-version v1.34.1 --wait",
        "rok kube cluster upgrade edge --template kubernetes-1.34",
    ),
)
@name_argument
@click.option("--kubernetes-version", metavar="VERSION", help="Kubernetes release to have.")
@click.option("--template", metavar="NAME", help="Magnum's cluster template to have.")
@_common
def upgrade(
    session: Session,
    /,
    name: str,
    kubernetes_version: str | None,
    template: str | None,
    wait: str | None,
    timeout: float,
) -> None:
    """Have the cluster NAME get another Kubernetes release, or another of Magnum's cluster templates."""
    _change(session, name, wait, timeout, kubernetes_version=kubernetes_version, template=template)


def _change(session: Session, name: str, wait: str | None, timeout: float, **fields: Any) -> None:
    from rok.actions import Waiting, update_resource
    from rok.cluster_changes import change_machines_only

    change = change_machines_only(**fields)
    update_resource(session, CLUSTERS, name, change, Waiting(wait and wait.upper(), timeout))


@click.command(cls=Command, examples=("rok kube cluster retry edge --wait",))
@name_argument
@_common
def retry(session: Session, /, name: str, wait: str | None, timeout: float) -> None:
    """Try again what failed at the cloud of the cluster NAME: making it, or changing it."""
    from rok.actions import Waiting
    from rok.cluster_waiting import RETRY, order_at_cloud

    order_at_cloud(session, name, RETRY, Waiting(wait and wait.upper(), timeout))


@click.command(
    cls=Command,
    examples=("rok kube cluster rotate-credentials edge --wait",),
)
@name_argument
@_common
def rotate_credentials(session: Session, /, name: str, wait: str | None, timeout: float) -> None:
    """Have Krake fetch new credentials for the cluster NAME from its cloud.

    A cluster that was registered gets new ones by `update --kubeconfig`.
    """
    from rok.actions import Waiting
    from rok.cluster_waiting import ROTATE, order_at_cloud

    order_at_cloud(session, name, ROTATE, Waiting(wait and wait.upper(), timeout))

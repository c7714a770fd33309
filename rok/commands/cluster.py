"""`rok kube cluster`: clusters."""

from __future__ import annotations

from typing import Any

import click

from rok.helping import Group
from rok.metric_options import Weights, global_metric_option, metric_option, references
from rok.options import (
    all_option,
    backoff_options,
    custom_resource_option,
    force_option,
    given,
    label_option,
    wait_options,
    watch_option,
)
from rok.resources import CLUSTERS
from rok.session import Session, common_options, pass_session

Pairs = tuple[tuple[str, str], ...]

_KUBECONFIG_HELP = "Kubeconfig of the cluster; files that it names are put inside; `-` is standard input."
context_option = click.option(
    "-c", "--context", metavar="NAME", help="Context of the kubeconfig to use. [default: its current one]"
)


@click.group(cls=Group, examples=("rok kube cluster register -k ~/.kube/config", "rok kube cluster list"))
def cluster() -> None:
    """Clusters: where Krake may place applications."""


@cluster.command(
    examples=(
        "rok kube cluster register -k ~/.kube/config --wait",
        "rok kube cluster register -k ~/.kube/config -c edge -l location=DE -l tier=gold",
    )
)
@click.option("-k", "--kubeconfig", required=True, metavar="FILE", help=_KUBECONFIG_HELP)
@context_option
@click.option("--name", metavar="NAME", help="Name of the cluster. [default: its name in the kubeconfig]")
@label_option
@custom_resource_option
@metric_option
@global_metric_option
@backoff_options("to reach it")
@wait_options(("online",), bare="online")
@common_options
@pass_session
def register(
    session: Session,
    /,
    kubeconfig: str,
    context: str | None,
    name: str | None,
    labels: Pairs,
    custom_resources: tuple[str, ...],
    metrics: Weights,
    global_metrics: Weights,
    wait: str | None,
    timeout: float,
    **backoff: int | None,
) -> None:
    """Register an existing cluster by its kubeconfig."""
    from rok.actions import Waiting, create_resource

    reduced = _kubeconfig(kubeconfig, context)
    document = {
        "api": "kubernetes",
        "kind": "Cluster",
        "metadata": {
            "name": name or reduced["clusters"][0]["name"],
            "namespace": session.namespace,
            "labels": dict(labels),
        },
        "spec": {
            "kubeconfig": reduced,
            **given(
                custom_resources=list(custom_resources) or None,
                metrics=references(metrics, global_metrics) or None,
                **backoff,
            ),
        },
    }
    create_resource(session, CLUSTERS, document, Waiting(wait and wait.upper(), timeout))


@cluster.command(
    "list",
    examples=(
        "rok kube cluster list",
        "rok kube cluster list --all -o wide",
        "rok kube cluster list -w",
    ),
)
@all_option
@watch_option
@common_options
@pass_session
def list_(session: Session, /, everywhere: bool, watch: bool) -> None:
    """List the clusters of a namespace."""
    from rok.actions import list_resources

    list_resources(session, CLUSTERS, everywhere, watch)


@cluster.command(
    examples=(
        "rok kube cluster get edge",
        "rok kube cluster get edge -w",
        "rok kube cluster get edge -o yaml",
    )
)
@click.argument("name")
@watch_option
@common_options
@pass_session
def get(session: Session, /, name: str, watch: bool) -> None:
    """Show the cluster NAME: its state, nodes and version, and how old that knowledge is."""
    from rok.actions import get_resource

    get_resource(session, CLUSTERS, name, watch)


@cluster.command(
    examples=(
        "rok kube cluster update edge -l location=IT",
        "rok kube cluster update edge -k new-kubeconfig.yaml --wait",
        "rok kube cluster update edge --remove-existing-labels",
    )
)
@click.argument("name")
@click.option("-k", "--kubeconfig", metavar="FILE", help=_KUBECONFIG_HELP)
@context_option
@label_option
@click.option("--remove-existing-labels", is_flag=True, help="Replace the labels instead of adding to them.")
@custom_resource_option
@click.option(
    "--remove-existing-custom-resources",
    is_flag=True,
    help="Drop the custom resources that the cluster is said to have.",
)
@metric_option
@global_metric_option
@click.option("--remove-existing-metrics", is_flag=True, help="Drop the metrics that the cluster has.")
@backoff_options("to reach it")
@wait_options(("online",), bare="online")
@common_options
@pass_session
def update(
    session: Session,
    /,
    name: str,
    kubeconfig: str | None,
    context: str | None,
    wait: str | None,
    timeout: float,
    **changes: Any,
) -> None:
    """Change the cluster NAME. What is not given stays as it is.

    Labels are added to those that are there; custom resources and metrics replace them.
    """
    from rok.actions import Waiting, update_resource
    from rok.changes import change_cluster

    if context and kubeconfig is None:
        raise click.UsageError("--context chooses from a kubeconfig: give it with --kubeconfig")
    reduced = _kubeconfig(kubeconfig, context) if kubeconfig is not None else None
    change = change_cluster(reduced, **changes)
    update_resource(session, CLUSTERS, name, change, Waiting(wait and wait.upper(), timeout))


@cluster.command(
    examples=(
        "rok kube cluster delete edge",
        "rok kube cluster delete edge --wait",
        "rok kube cluster delete edge --policy cascade",
        "rok kube cluster delete edge --force",
    )
)
@click.argument("name")
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
    """Remove the cluster NAME from Krake. The cluster itself stays.

    It is gone when nothing is on it any more; `get` shows how far that has come.
    """
    from rok.actions import Waiting, delete_resource

    params = given(policy=policy, force="True" if force else None)
    delete_resource(session, CLUSTERS, name, Waiting(wait and wait.upper(), timeout), **params)


@cluster.command(examples=("rok kube cluster cordon edge",))
@click.argument("name")
@common_options
@pass_session
def cordon(session: Session, /, name: str) -> None:
    """Place nothing new on the cluster NAME; what is there stays."""
    from rok.actions import act_on_resource

    act_on_resource(session, CLUSTERS, name, "cordon")


@cluster.command(examples=("rok kube cluster uncordon edge",))
@click.argument("name")
@common_options
@pass_session
def uncordon(session: Session, /, name: str) -> None:
    """Place applications on the cluster NAME again, and end its draining."""
    from rok.actions import act_on_resource

    act_on_resource(session, CLUSTERS, name, "uncordon")


@cluster.command(examples=("rok kube cluster drain edge", "rok kube cluster get edge -w"))
@click.argument("name")
@common_options
@pass_session
def drain(session: Session, /, name: str) -> None:
    """Cordon the cluster NAME and move its applications to others.

    Those that fit nowhere else stay until they do; `get` shows how far it has come.
    """
    from rok.actions import act_on_resource

    act_on_resource(session, CLUSTERS, name, "drain")


@cluster.command(
    examples=(
        "rok kube cluster events edge",
        "rok kube cluster events edge -w",
        "rok kube cluster events edge -o json",
    )
)
@click.argument("name")
@watch_option
@common_options
@pass_session
def events(session: Session, /, name: str, watch: bool) -> None:
    """Show what happened to the cluster NAME: who did what, and why."""
    from rok.events import show_events

    show_events(session, CLUSTERS, name, watch)


def _kubeconfig(source: str, context: str | None) -> dict[str, Any]:
    """The kubeconfig file reduced to one context, everything inside."""
    from rok.documents import folder_of, read_documents, title_of
    from rok.errors import ExitCode, RokError
    from rok.kubeconfig import reduce_kubeconfig

    documents = read_documents(source)
    if len(documents) != 1 or not isinstance(documents[0], dict):
        raise RokError(
            f"{title_of(source)} is not a kubeconfig",
            code=ExitCode.REFUSED,
            why="It has to hold one mapping with clusters, users and contexts",
        )
    return reduce_kubeconfig(documents[0], context, folder_of(source))

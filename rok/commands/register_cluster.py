"""`rok kube cluster register` and `update`."""

from __future__ import annotations

from typing import Any

import click

from rok.cluster_options import (
    cloud_label_option,
    cloud_metric_option,
    heal_option,
    template_file_option,
)
from rok.completing import name_argument
from rok.helping import Command
from rok.metric_options import Weights, global_metric_option, metric_option, references
from rok.options import (
    backoff_options,
    custom_resource_option,
    given,
    label_option,
    removal_option,
    remove_labels_option,
    wait_options,
)
from rok.resources import CLUSTERS
from rok.session import Session, common_options, pass_session

Pairs = tuple[tuple[str, str], ...]

_KUBECONFIG_HELP = "Kubeconfig of the cluster; files that it names are put inside; `-` is standard input."
context_option = click.option(
    "-c", "--context", metavar="NAME", help="Context of the kubeconfig to use. [default: its current one]"
)


@click.command(
    cls=Command,
    examples=(
        "rok kube cluster register -k ~/.kube/config --wait",
        "rok kube cluster register -k ~/.kube/config -c edge -l location=DE -l tier=gold",
    ),
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
    from rok.kubeconfig import read_kubeconfig

    reduced = read_kubeconfig(kubeconfig, context)
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


@click.command(
    cls=Command,
    examples=(
        "rok kube cluster update edge -l location=IT",
        "rok kube cluster update edge -k new-kubeconfig.yaml --wait",
        "rok kube cluster update edge --remove-existing-labels",
        "rok kube cluster update edge -f cluster.yaml --wait",
    ),
)
@name_argument
@click.option("-k", "--kubeconfig", metavar="FILE", help=_KUBECONFIG_HELP)
@context_option
@label_option
@remove_labels_option
@custom_resource_option
@removal_option("custom-resources", "Drop the custom resources that the cluster is said to have.")
@metric_option
@global_metric_option
@removal_option("metrics", "Drop the metrics that the cluster has.")
@template_file_option
@cloud_label_option
@removal_option("cloud-label-constraints", "Drop the label constraints on its cloud that are there.")
@cloud_metric_option
@removal_option("cloud-metric-constraints", "Drop the metric constraints on its cloud that are there.")
@heal_option
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
    tosca: str | None,
    wait: str | None,
    timeout: float,
    **changes: Any,
) -> None:
    """Change the cluster NAME. What is not given stays as it is.

    Labels, metrics and constraints on its cloud are added to those that are there; custom resources replace
    them. A cluster that Krake made never moves to another cloud; `scale` and `upgrade` change its machines.
    """
    from rok.actions import Waiting, update_resource
    from rok.cluster_changes import change_cluster
    from rok.kubeconfig import read_kubeconfig
    from rok.new_cluster import read_template

    if kubeconfig is not None and tosca is not None:
        raise click.UsageError(
            "--kubeconfig is of clusters that were registered, --file of those that Krake makes"
        )
    if context and kubeconfig is None:
        raise click.UsageError("--context chooses from a kubeconfig: give it with --kubeconfig")
    reduced = read_kubeconfig(kubeconfig, context) if kubeconfig is not None else None
    template = read_template(tosca) if tosca is not None else None
    change = change_cluster(reduced, template, **changes)
    update_resource(session, CLUSTERS, name, change, Waiting(wait and wait.upper(), timeout))

"""Options that say how a cluster is to be made, and on what cloud."""

from __future__ import annotations

import click

from rok.options import Decorator, decorated_with

SLOW = 3600.0
"""Seconds that `--wait` waits for a cloud where nothing else is asked for: it makes machines."""

template_file_option = click.option(
    "-f",
    "--file",
    "tosca",
    metavar="FILE",
    help="TOSCA template that an Infrastructure Manager makes the cluster by; `-` is standard input.",
)
heal_option = click.option(
    "--heal/--no-heal",
    "heal",
    default=None,
    help="Whether nodes that vanish outside Krake, and the whole cluster, are made again. [default: no]",
)
machine_options: Decorator = decorated_with(
    (
        click.option(
            "--nodes", type=click.IntRange(min=0), metavar="NUMBER", help="Worker nodes. [default: 1]"
        ),
        click.option(
            "--control-plane-nodes",
            type=click.Choice(("1", "3", "5")),
            help="Nodes of the control plane. [default: 1]",
        ),
        click.option("--flavor", metavar="NAME", help="Size of worker nodes. [default: its provider's]"),
        click.option(
            "--control-plane-flavor",
            metavar="NAME",
            help="Size of the control plane's nodes. [default: that of the workers]",
        ),
        click.option("--image", metavar="NAME", help="Image that the nodes boot. [default: its provider's]"),
        click.option(
            "--kubernetes-version", metavar="VERSION", help="Kubernetes release. [default: its provider's]"
        ),
        click.option(
            "--template", metavar="NAME", help="Magnum's cluster template. [default: its provider's]"
        ),
        heal_option,
    )
)
cloud_label_option = click.option(
    "-L",
    "--cloud-label-constraint",
    "cloud_labels",
    multiple=True,
    metavar="CONSTRAINT",
    help="What the cloud's labels have to be: 'location is DE', 'tier in (gold, silver)'; may be repeated.",
)
cloud_metric_option = click.option(
    "-M",
    "--cloud-metric-constraint",
    "cloud_metrics",
    multiple=True,
    metavar="CONSTRAINT",
    help="What the cloud's metrics have to be: 'load < 0.8'; may be repeated.",
)
inherit_options: Decorator = decorated_with(
    (
        click.option("--inherit-labels", is_flag=True, help="Have the labels of the cloud, too."),
        click.option("--inherit-metrics", is_flag=True, help="Be ranked by the metrics of the cloud, too."),
    )
)

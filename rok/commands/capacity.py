"""`rok kube cluster taint` and `rok kube cluster top`."""

from __future__ import annotations

import click

from rok.completing import name_argument, optional_name_argument
from rok.helping import Command
from rok.resources import CLUSTERS
from rok.session import Session, common_options, pass_session


@click.command(
    cls=Command,
    examples=(
        "rok kube cluster taint edge gpu=a100:NoSchedule",
        "rok kube cluster taint edge maintenance:NoExecute",
        "rok kube cluster taint edge gpu:NoSchedule-",
    ),
)
@name_argument
@click.argument("taints", nargs=-1, required=True, metavar="TAINT...")
@common_options
@pass_session
def taint(session: Session, /, name: str, taints: tuple[str, ...]) -> None:
    """Keep applications away from the cluster NAME whose Pods do not all tolerate its taints.

    A TAINT is KEY[=VALUE]:EFFECT; with `-` at its end it is removed. The effect NoSchedule takes no new
    applications, those that are there stay; with NoExecute these move to other clusters, too;
    PreferNoSchedule is for people to read.
    """
    from rok.actions import Waiting, update_resource
    from rok.capacity import change_taints

    update_resource(session, CLUSTERS, name, change_taints(taints), Waiting(None, 0))


@click.command(
    cls=Command,
    examples=(
        "rok kube cluster top",
        "rok kube cluster top edge -o json",
    ),
)
@optional_name_argument
@common_options
@pass_session
def top(session: Session, /, name: str | None) -> None:
    """Show how much room clusters have: what is allocatable, reserved and free, and their applications.

    Under it are the newest values of the metrics that clusters have.
    """
    from rok.capacity import show_top

    show_top(session, name)

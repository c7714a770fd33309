"""`rok kube cluster cordon`, `uncordon` and `drain`: who may come to a cluster, and who has to leave."""

from __future__ import annotations

import click

from rok.completing import name_argument
from rok.helping import Command
from rok.resources import CLUSTERS
from rok.session import Session, common_options, pass_session


@click.command(cls=Command, examples=("rok kube cluster cordon edge",))
@name_argument
@common_options
@pass_session
def cordon(session: Session, /, name: str) -> None:
    """Place nothing new on the cluster NAME; what is there stays."""
    from rok.actions import act_on_resource

    act_on_resource(session, CLUSTERS, name, "cordon")


@click.command(cls=Command, examples=("rok kube cluster uncordon edge",))
@name_argument
@common_options
@pass_session
def uncordon(session: Session, /, name: str) -> None:
    """Place applications on the cluster NAME again, and end its draining."""
    from rok.actions import act_on_resource

    act_on_resource(session, CLUSTERS, name, "uncordon")


@click.command(cls=Command, examples=("rok kube cluster drain edge", "rok kube cluster get edge -w"))
@name_argument
@common_options
@pass_session
def drain(session: Session, /, name: str) -> None:
    """Cordon the cluster NAME and move its applications to others.

    Those that fit nowhere else stay until they do; `get` shows how far it has come.
    """
    from rok.actions import act_on_resource

    act_on_resource(session, CLUSTERS, name, "drain")

"""`rok kube app history`, `rollback` and `describe`: how an application came to be as it is."""

from __future__ import annotations

import click

from rok.completing import name_argument
from rok.helping import Command
from rok.options import wait_options
from rok.resources import APPLICATIONS, CLUSTERS
from rok.session import Session, common_options, pass_session


@click.command(
    cls=Command,
    examples=(
        "rok kube app history shop",
        "rok kube app history shop --generation 2 -o yaml",
    ),
)
@name_argument
@click.option(
    "--generation", type=click.IntRange(min=1), metavar="NUMBER", help="Show this one with its whole spec."
)
@common_options
@pass_session
def history(session: Session, /, name: str, generation: int | None) -> None:
    """Show the generations of the application NAME: who changed what, and what came of it.

    An application that was deleted keeps its history for a while.
    """
    from rok.generations import show_generation, show_history

    if generation is None:
        show_history(session, name)
    else:
        show_generation(session, name, generation)


@click.command(
    cls=Command,
    examples=(
        "rok kube app rollback shop --wait",
        "rok kube app rollback shop --to 3",
    ),
)
@name_argument
@click.option(
    "--to",
    "generation",
    type=click.IntRange(min=1),
    metavar="GENERATION",
    help="Return to this one. [default: the newest good one that differs from the present one]",
)
@wait_options(("reconciling", "running"), bare="running")
@common_options
@pass_session
def rollback(
    session: Session, /, name: str, generation: int | None, wait: str | None, timeout: float
) -> None:
    """Return the application NAME to an earlier generation of its spec and labels."""
    from rok.actions import Waiting
    from rok.generations import roll_back

    roll_back(session, name, generation, Waiting(wait and wait.upper(), timeout))


@click.command(
    "describe",
    cls=Command,
    examples=(
        "rok kube app describe shop",
        "rok kube app describe shop -o json",
    ),
)
@name_argument
@common_options
@pass_session
def describe_application(session: Session, /, name: str) -> None:
    """Tell the whole story of the application NAME: what is desired, what is, why, and what happened last."""
    from rok.describing import describe

    describe(session, APPLICATIONS, name)


@click.command(
    "describe",
    cls=Command,
    examples=(
        "rok kube cluster describe edge",
        "rok kube cluster describe edge -o json",
    ),
)
@name_argument
@common_options
@pass_session
def describe_cluster(session: Session, /, name: str) -> None:
    """Tell the whole story of the cluster NAME: its state, its nodes, why, and what happened last."""
    from rok.describing import describe

    describe(session, CLUSTERS, name)

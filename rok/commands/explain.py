"""`rok kube app explain`: why an application is where it is."""

from __future__ import annotations

import click

from rok.helping import Command
from rok.session import Session, common_options, pass_session


@click.command(
    cls=Command,
    examples=(
        "rok kube app explain shop",
        "rok kube app explain shop --decision 17 -o json",
    ),
)
@click.argument("name")
@click.option(
    "--decision",
    "number",
    type=click.IntRange(min=1),
    metavar="ID",
    help="Explain this one. [default: the newest]",
)
@common_options
@pass_session
def explain(session: Session, /, name: str, number: int | None) -> None:
    """Explain where the application NAME was placed: every cluster, what it is worth, why not.

    An application that was deleted keeps its decisions for a while.
    """
    from rok.explaining import explain as show

    show(session, name, number)

"""`rok kube app diff`: what differs between an application and its cluster."""

from __future__ import annotations

import click

from rok.helping import Command
from rok.session import Session, common_options, pass_session


@click.command(
    cls=Command,
    examples=(
        "rok kube app diff shop",
        "rok kube app diff shop -o json",
    ),
)
@click.argument("name")
@common_options
@pass_session
def diff(session: Session, /, name: str) -> None:
    """Show what is on the cluster of the application NAME other than Krake applied it.

    Each field is shown with who manages it now, and since when. Exit code 0: nothing differs; 1: something
    does; more: it cannot be said.
    """
    from rok.live_diff import show_live_diff

    show_live_diff(session, name)

"""`rok kube rebalance`."""

from __future__ import annotations

import click

from rok.helping import Command
from rok.session import Session, common_options, pass_session


@click.command(
    cls=Command,
    examples=(
        "rok kube rebalance --dry-run              # who would move, and what each gains",
        "rok kube rebalance                        # do it now",
        "rok kube rebalance --dry-run -o json      # for programs: all numbers, and the budgets",
        "rok kube app explain shop                 # why one application is where it is",
    ),
)
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@common_options
@pass_session
def rebalance(session: Session, /, dry_run: bool) -> None:
    """Look at all applications of all namespaces: place those that wait, move those that should be elsewhere.

    Krake does that by itself, every minute and when clusters or metrics change; this command does it now.
    An application moves because it cannot stay (evacuate), because its cluster does not meet its
    requirements any more (leave), or because it scores better elsewhere (improve). It is held back while it
    would gain less than the margin, came or moved only just now, or enough other migrations are under way.

    GAIN is the score there less the score here, the bonus for staying (stickiness) included. The limits are
    settings of the server: KRAKE_REBALANCE_MARGIN, ..._MINIMUM_STAY, ..._COOL_DOWN, ..._PARALLEL,
    ..._PER_HOUR and ..._PER_APPLICATION.
    """
    from rok.rebalancing import show_rebalance

    show_rebalance(session, dry_run=dry_run)

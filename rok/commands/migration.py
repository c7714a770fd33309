"""`rok kube app migrate` and `cancel`."""

from __future__ import annotations

import click

from rok.completing import name_argument
from rok.formats import Duration
from rok.helping import Command
from rok.options import DEFAULT_TIMEOUT
from rok.session import Session, common_options, pass_session


@click.command(
    cls=Command,
    examples=(
        "rok kube app migrate shop --wait",
        "rok kube app migrate shop --to cluster-2 --dry-run",
        "rok kube app migrate shop --strategy delete-first",
    ),
)
@name_argument
@click.option("--to", "cluster", metavar="CLUSTER", help="Where to; without it, the best other cluster.")
@click.option(
    "--strategy",
    type=click.Choice(("create-first", "delete-first")),
    help="Whether the new copy is made before the old one is removed. [default: as the application says]",
)
@click.option("--dry-run", is_flag=True, help="Only show what would be done.")
@click.option("--wait", "waits", is_flag=True, help="Wait until the application has moved, or stays.")
@click.option(
    "--timeout",
    type=Duration(),
    default=DEFAULT_TIMEOUT,
    metavar="DURATION",
    help="How long --wait waits: 90s, 10m, 1h; 0 is without limit. [default: 10m]",
)
@common_options
@pass_session
def migrate(
    session: Session,
    /,
    name: str,
    cluster: str | None,
    strategy: str | None,
    dry_run: bool,
    waits: bool,
    timeout: float,
) -> None:
    """Move the application NAME to another cluster.

    It is brought up there first and leaves its old cluster when it is ready. If that fails, it stays.
    """
    from rok.moving import migrate_application, plan_migration

    if dry_run:
        plan_migration(session, name, cluster, strategy)
    else:
        migrate_application(session, name, cluster, strategy, waits=waits, timeout=timeout)


@click.command(
    cls=Command,
    examples=("rok kube app cancel shop",),
)
@name_argument
@common_options
@pass_session
def cancel(session: Session, /, name: str) -> None:
    """Cancel the migration of the application NAME, as long as the other cluster has not taken over."""
    from rok.moving import cancel_migration

    cancel_migration(session, name)

"""`rok core orphan`: objects that Krake had to leave on clusters."""

from __future__ import annotations

import click

from rok.formats import Duration
from rok.helping import Group
from rok.options import DEFAULT_TIMEOUT, all_option
from rok.session import Session, common_options, pass_session


@click.group(cls=Group, examples=("rok core orphan list --all", "rok core orphan collect edge --wait"))
def orphan() -> None:
    """Objects that are still on a cluster although their application is not.

    Krake records what it cannot remove, and removes it when the cluster answers again.
    """


@orphan.command(
    "list",
    examples=(
        "rok core orphan list",
        "rok core orphan list --all -o wide",
        "rok core orphan list --cluster edge -o json",
    ),
)
@all_option
@click.option("--cluster", metavar="NAME", help="Only those on this cluster.")
@common_options
@pass_session
def list_(session: Session, /, everywhere: bool, cluster: str | None) -> None:
    """List the orphans of a namespace, with why they were left behind."""
    from rok.orphans import show_orphans

    show_orphans(session, everywhere, cluster)


@orphan.command(
    examples=(
        "rok core orphan collect",
        "rok core orphan collect edge --wait",
    )
)
@click.argument("cluster", required=False)
@all_option
@click.option("--wait", is_flag=True, help="Wait until nothing of it is left.")
@click.option(
    "--timeout",
    type=Duration(),
    default=DEFAULT_TIMEOUT,
    metavar="DURATION",
    help="How long --wait waits: 90s, 10m, 1h; 0 is without limit. [default: 10m]",
)
@common_options
@pass_session
def collect(session: Session, /, cluster: str | None, everywhere: bool, wait: bool, timeout: float) -> None:
    """Remove the orphans on CLUSTER, or on all clusters of the namespace.

    Also what was left on an earlier cluster of the same name. An object that its application has again is
    never touched.
    """
    from rok.orphans import collect_orphans

    collect_orphans(session, everywhere, cluster, timeout if wait else None)

"""`rok core audit`: who did what."""

from __future__ import annotations

import click

from rok.formats import Duration
from rok.helping import Command
from rok.session import Session, ca_file_option, config_option, output_option, pass_session

RESULTS = ("done", "denied", "conflict", "refused", "failed")


@click.command(
    cls=Command,
    examples=(
        "rok core audit",
        "rok core audit --since 24h --result denied",
        "rok core audit --kind Application -n shop --name web",
        "rok core audit --user alice --verb delete -o json",
    ),
)
@click.option("--user", metavar="NAME", help="Only what this user did.")
@click.option("--verb", metavar="VERB", help="Only this verb: create, update, delete, get.")
@click.option("--kind", metavar="KIND", help="Only resources of this kind, such as Application.")
@click.option("-n", "--namespace", metavar="NAMESPACE", help="Only resources of this namespace.")
@click.option("--name", metavar="NAME", help="Only resources of this name.")
@click.option("--result", type=click.Choice(RESULTS), help="Only requests that ended so.")
@click.option("--since", type=Duration(), metavar="DURATION", help="Not older than: 90s, 10m, 24h.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="Entries at most.")
@ca_file_option
@config_option
@output_option
@pass_session
def audit(session: Session, /, since: float | None, limit: int, **filters: str | None) -> None:
    """Show who did what to which resource, from where, with which result; newest first.

    Every request that changed something, was to change something, or was denied is there.
    """
    from rok.audit import show_audit

    given = {name: value for name, value in filters.items() if value is not None}
    show_audit(session, given, since, limit)

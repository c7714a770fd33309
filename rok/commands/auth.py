"""`rok auth`: what one may do."""

from __future__ import annotations

import click

from rok.helping import Group
from rok.session import Session, common_options, pass_session


@click.group(cls=Group, examples=("rok auth can-i update applications -n team-a",))
def auth() -> None:
    """What you are allowed to do, and lending it to your browser."""


@auth.command(
    "can-i",
    examples=(
        "rok auth can-i update applications -n team-a",
        "rok auth can-i get clusters/status --all",
        "rok auth can-i --list",
    ),
)
@click.argument("verb", required=False)
@click.argument("resource", required=False)
@click.option("-a", "--all", "everywhere", is_flag=True, help="Ask for all namespaces at once.")
@click.option("--list", "listing", is_flag=True, help="List everything that you may do.")
@common_options
@pass_session
def can_i(
    session: Session, /, verb: str | None, resource: str | None, everywhere: bool, listing: bool
) -> None:
    """Ask whether you may do VERB with RESOURCE; the exit code is 0 for yes and 1 for no.

    Verbs: create, get, list, list_all, update, delete, watch, watch_all. Resources as in paths:
    applications, kubernetes/applications, applications/status.
    """
    from rok.asking import show_answer, show_permissions

    if listing:
        if verb or resource:
            raise click.UsageError("--list takes neither verb nor resource")
        show_permissions(session, everywhere)
        return
    if not verb or not resource:
        raise click.UsageError("Give a verb and a resource, or --list")
    show_answer(session, verb, resource, everywhere)


@auth.command(
    "temporal-ui",
    examples=("rok auth temporal-ui", "rok auth temporal-ui --open"),
)
@click.option("--open", "opening", is_flag=True, help="Open the link in the browser of this machine.")
@common_options
@pass_session
def temporal_ui(session: Session, /, opening: bool) -> None:
    """Make a link that lets your browser read, in the Temporal UI, what Krake keeps encrypted there.

    The link counts once, for a minute: do not pass it on. The browser may then decrypt in your name, for
    eight hours or until your token ends, and nothing else.
    """
    from rok.lending import show_link

    show_link(session, opening)

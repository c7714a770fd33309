"""`rok get`, `describe`, `events` and `wait`: the same for every kind of resources."""

from __future__ import annotations

import click

from rok.completing import (
    kind_argument,
    name_argument,
    names_argument,
    optional_kind_argument,
    optional_name_argument,
    required_names_argument,
)
from rok.formats import Duration
from rok.helping import Command
from rok.options import DEFAULT_TIMEOUT, watch_option
from rok.selecting import selection, selector_options
from rok.session import (
    Session,
    common_options,
    config_option,
    named_output_option,
    namespace_option,
    pass_session,
)


@click.command(
    cls=Command,
    examples=(
        "rok get apps",
        "rok get app shop -o yaml",
        "rok get apps,clusters -A",
        "rok get apps -l team=web --field-selector status.state!=RUNNING -w",
        "rok get all",
    ),
)
@kind_argument
@names_argument
@click.option("-A", "-a", "--all-namespaces", "everywhere", is_flag=True, help="Of all namespaces.")
@selector_options
@watch_option
@config_option
@named_output_option
@namespace_option
@pass_session
def get(
    session: Session,
    /,
    kind: str,
    names: tuple[str, ...],
    everywhere: bool,
    label_selector: str | None,
    field_selector: str | None,
    watch: bool,
) -> None:
    """Show resources of a KIND (or of several, as `apps,clusters`; or of `all`).

    Kinds have their plural, their singular and short words: applications, application, app. `all` stands for
    the kinds of a namespace, with -A also for global ones.
    """
    from rok.getting import get as show

    params = selection(label_selector, field_selector)
    show(session, kind, names, everywhere=everywhere, watch=watch, params=params)


@click.command(
    cls=Command,
    examples=(
        "rok describe app shop",
        "rok describe cluster edge -o json",
    ),
)
@kind_argument
@name_argument
@common_options
@pass_session
def describe(session: Session, /, kind: str, name: str) -> None:
    """Tell the whole story of a resource: what is desired, what is, why, and what happened last."""
    from rok.catalogue import named
    from rok.describing import describe as show

    show(session, named(kind), name)


@click.command(
    cls=Command,
    examples=(
        "rok events app shop",
        "rok events cluster edge -f",
        "rok events -n team-a",
    ),
)
@optional_kind_argument
@optional_name_argument
@click.option("-f", "--follow", "-w", "--watch", "watch", is_flag=True, help="Go on until Ctrl-C.")
@common_options
@pass_session
def events(session: Session, /, kind: str | None, name: str | None, watch: bool) -> None:
    """Show what happened to a resource: who did what, and why. Events outlive the resource for a while.

    Without KIND and NAME, what happened last in the namespace.
    """
    from rok.catalogue import named

    if kind is None:
        from rok.namespace_events import show_namespace_events

        show_namespace_events(session, watch)
    elif name is None:
        raise click.UsageError("Give a name, too; or neither a kind nor a name, for the whole namespace")
    else:
        from rok.events import show_events

        show_events(session, named(kind), name, watch)


@click.command(
    cls=Command,
    examples=(
        "rok wait app shop --for running",
        "rok wait app shop blog --for condition=Ready --timeout 5m",
        "rok wait cluster edge --for deleted",
    ),
)
@kind_argument
@required_names_argument
@click.option(
    "--for",
    "wanted",
    required=True,
    metavar="STATE|condition=NAME|deleted",
    help="What to wait for: a state, a condition that `describe` shows, or the end of a deletion.",
)
@click.option(
    "--timeout",
    type=Duration(),
    default=DEFAULT_TIMEOUT,
    metavar="DURATION",
    help="How long for all of them: 90s, 10m, 1h; 0 is without limit. [default: 10m]",
)
@common_options
@pass_session
def wait(session: Session, /, kind: str, names: tuple[str, ...], wanted: str, timeout: float) -> None:
    """Wait until resources are in a state, fulfil a condition, or are gone.

    Exit code 1: one FAILED instead; 6: the time is over.
    """
    from rok.catalogue import named
    from rok.waiting_for import wait_for

    wait_for(session, named(kind), names, wanted, timeout)

"""`rok explain` and `rok tree`: what fields mean, and what belongs to what."""

from __future__ import annotations

import click

from rok.completing import complete_kind, optional_name_argument
from rok.helping import Command
from rok.session import Session, common_options, output_option, pass_session


@click.command(
    cls=Command,
    examples=(
        "rok explain app",
        "rok explain app.spec.constraints",
        "rok explain cluster.spec --recursive",
    ),
)
@click.argument("field", metavar="KIND[.FIELD]...", shell_complete=complete_kind)
@click.option("--recursive", is_flag=True, help="Also the fields inside of fields.")
@output_option
@pass_session
def explain(session: Session, /, field: str, recursive: bool) -> None:
    """Explain a kind of resources or one of its fields: what it is for and what it may hold.

    Why an application is where it is tells `rok kube app explain`.
    """
    from rok.schema_help import explain_field

    explain_field(field, session.output, recursive=recursive)


@click.command(
    cls=Command,
    examples=(
        "rok tree",
        "rok tree -A",
        "rok tree app shop",
    ),
)
@click.argument("kind", required=False, shell_complete=complete_kind)
@optional_name_argument
@click.option("-A", "-a", "--all-namespaces", "everywhere", is_flag=True, help="Of all namespaces.")
@common_options
@pass_session
def tree(session: Session, /, kind: str | None, name: str | None, everywhere: bool) -> None:
    """Show clusters with their applications, who owns what, and what is wrong with it.

    With a resource: what it belongs to, and all that belongs to it.
    """
    from rok.tree import show_tree

    if kind is not None and name is None:
        raise click.UsageError(f"Say which {kind}: rok tree {kind} NAME")
    show_tree(session, kind, name, everywhere=everywhere)

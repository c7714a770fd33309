"""`rok apply`, `rok diff` and `rok delete`: resources of any kinds, as files have them."""

from __future__ import annotations

import click

from rok.completing import complete_kind, names_argument
from rok.formats import Duration
from rok.helping import Command
from rok.options import DEFAULT_TIMEOUT
from rok.session import (
    Session,
    common_options,
    config_option,
    named_output_option,
    namespace_option,
    pass_session,
)

files_option = click.option(
    "-f",
    "--filename",
    "--file",
    "files",
    multiple=True,
    metavar="FILE",
    help="YAML or JSON with resources of any kinds, or a folder of such files; `-` is standard input; "
    "may be repeated.",
)
timeout_option = click.option(
    "--timeout",
    type=Duration(),
    default=DEFAULT_TIMEOUT,
    metavar="DURATION",
    help="How long --wait waits for all of it: 90s, 10m, 1h; 0 is without limit. [default: 10m]",
)


@click.command(
    cls=Command,
    examples=(
        "rok apply -f shop.yaml",
        "rok apply -f clusters/ -f shop.yaml --wait --timeout 5m",
        "rok apply -f shop.yaml --dry-run",
        "rok apply -f - -o name",
    ),
)
@files_option
@click.option("--dry-run", is_flag=True, help="Store nothing, only say what would be done.")
@click.option("--wait", "waits", is_flag=True, help="Wait until applications run and clusters are online.")
@timeout_option
@config_option
@named_output_option
@namespace_option
@pass_session
def apply(session: Session, /, files: tuple[str, ...], dry_run: bool, waits: bool, timeout: float) -> None:
    """Create or update what the files hold: created, configured or unchanged.

    What a file does not say about a resource returns to its default; labels, owners and finalizers stay where
    it does not have them. A resource without a namespace belongs to the one of -n.
    """
    from rok.applying import apply as apply_files

    apply_files(session, _given(files), dry_run=dry_run, timeout=timeout if waits else None)


@click.command(
    cls=Command,
    examples=(
        "rok diff -f shop.yaml",
        "rok diff -f clusters/ -o json",
    ),
)
@files_option
@common_options
@pass_session
def diff(session: Session, /, files: tuple[str, ...]) -> None:
    """Show what `rok apply` with these files would change; nothing is stored.

    Exit code 0: nothing differs; 1: something does; more: it cannot be said.
    """
    from rok.file_diff import show_file_diff

    show_file_diff(session, _given(files))


@click.command(
    cls=Command,
    examples=(
        "rok delete -f shop.yaml --wait",
        "rok delete app shop blog",
        "rok delete clusters edge --ignore-not-found",
    ),
)
@click.argument("kind", required=False, shell_complete=complete_kind)
@names_argument
@files_option
@click.option("--ignore-not-found", is_flag=True, help="What is not there counts as deleted.")
@click.option(
    "--force",
    is_flag=True,
    help="Remove it from Krake at once; what it has on clusters is recorded as orphans.",
)
@click.option("--wait", "waits", is_flag=True, help="Wait until all of it is gone.")
@timeout_option
@config_option
@named_output_option
@namespace_option
@pass_session
def delete(
    session: Session,
    /,
    kind: str | None,
    names: tuple[str, ...],
    files: tuple[str, ...],
    ignore_not_found: bool,
    force: bool,
    waits: bool,
    timeout: float,
) -> None:
    """Delete what the files hold, or the resources of a KIND that are named."""
    from rok.removing import remove
    from rok.resource_files import named_items, read_items

    if bool(files) == bool(kind):
        raise click.UsageError("Say what to delete: with -f FILE, or with KIND NAME...")
    if kind and not names:
        raise click.UsageError(f"Say which {kind}: KIND NAME...")
    items = read_items(session, files) if files else named_items(session, kind or "", names)
    limit = timeout if waits else None
    remove(session, items, force=force, ignore_missing=ignore_not_found, timeout=limit)


def _given(files: tuple[str, ...]) -> tuple[str, ...]:
    if not files:
        raise click.UsageError("Say which files: -f FILE, or -f - for standard input")
    return files

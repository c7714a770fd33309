"""`rok kube app diff`: what differs on the cluster, or what an update would change."""

from __future__ import annotations

from typing import Any

import click

from rok.commands.update_application import change_of, update
from rok.helping import Command
from rok.session import Session, pass_session

_NO_PART_OF_A_CHANGE = frozenset({"wait", "timeout", "dry_run"})
"""Options of `update` that say nothing about what is desired."""


@click.command(
    cls=Command,
    params=[option for option in update.params if option.name not in _NO_PART_OF_A_CHANGE],
    examples=(
        "rok kube app diff shop",
        "rok kube app diff shop -o json",
        "rok kube app diff shop -f app.yaml",
        "rok kube app diff shop -f app.yaml -L 'location is IT' -o json",
    ),
)
@pass_session
def diff(session: Session, /, name: str, **options: Any) -> None:
    """Show what is on the cluster of the application NAME other than Krake applied it.

    Each field is shown with who manages it now, and since when. With a file, or any other option of `update`:
    show what such an update would change in what is desired; nothing is changed. Exit code 0: nothing
    differs; 1: something does; more: it cannot be said.
    """
    if not _given(options):
        from rok.live_diff import show_live_diff

        show_live_diff(session, name)
        return
    from rok.desired_diff import show_desired_diff
    from rok.documents import title_of

    manifest = options["manifest"]
    title = title_of(manifest) if manifest is not None else options["url"] or "the options"
    show_desired_diff(session, name, change_of(options), title)


def _given(options: dict[str, Any]) -> list[str]:
    """The options that say something, also those that say no."""
    return [name for name, value in options.items() if value not in (None, (), False, "")] + [
        name for name in ("migration", "rollback", "auto_cluster") if options.get(name) is False
    ]

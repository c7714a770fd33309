"""`rok kube app diff`: what an update would change."""

from __future__ import annotations

from typing import Any

import click

from rok.commands.application import change_of, update
from rok.helping import Command
from rok.session import Session, pass_session

_NO_PART_OF_A_CHANGE = frozenset({"wait", "timeout", "dry_run"})
"""Options of `update` that say nothing about what is desired."""


@click.command(
    cls=Command,
    params=[option for option in update.params if option.name not in _NO_PART_OF_A_CHANGE],
    examples=(
        "rok kube app diff shop -f app.yaml",
        "rok kube app diff shop -f app.yaml -L 'location is IT' -o json",
    ),
)
@pass_session
def diff(session: Session, /, name: str, manifest: str | None, **changes: Any) -> None:
    """Show what `update` with the same options would change in the application NAME.

    Nothing is changed. Exit code 0: no difference, 1: there are differences, more: an error.
    """
    from rok.desired_diff import show_desired_diff
    from rok.documents import title_of

    title = title_of(manifest) if manifest is not None else "the options"
    show_desired_diff(session, name, change_of(manifest, changes), title)

"""Commands and groups whose help ends with examples."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rok.resources import Collection


def _write_examples(examples: tuple[str, ...], formatter: click.HelpFormatter) -> None:
    if not examples:
        return
    with formatter.section("Examples"):
        for example in examples:
            for line in example.splitlines():
                formatter.write(f"{'':>{formatter.current_indent}}{line}\n")


class Command(click.Command):
    """A command with examples: whole command lines, as a user types them."""

    def __init__(self, *args: Any, examples: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples at the end of the help."""
        _write_examples(self.examples, formatter)


class Group(click.Group):
    """A group with examples, and with short names for some of its commands."""

    command_class = Command

    def __init__(
        self,
        *args: Any,
        examples: tuple[str, ...] = (),
        aliases: Mapping[str, str] = MappingProxyType({}),
        collection: Collection | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples
        self.aliases = aliases
        self.collection = collection
        """The resources that its commands work on, where these are of one kind."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name or short name."""
        return super().get_command(ctx, self.aliases.get(cmd_name, cmd_name))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples at the end of the help."""
        _write_examples(self.examples, formatter)

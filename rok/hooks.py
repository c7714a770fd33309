"""The options for hooks. `--hook-shutdown` takes one to three words, as the original CLI has it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import click

from rok.helping import Command
from rok.words import spread

SHUTDOWN = "--hook-shutdown"
STRATEGIES = ("give_up", "delete")
HOOKS = ("complete", "shutdown")

INJECT = ("-i", "--inject")

_NUMBER = re.compile(r"\d+")
_PAIR = re.compile(r"[^-=][^=]*=.*", re.DOTALL)
Document = dict[str, Any]


class ShutdownType(click.ParamType[Document]):
    """`TIMEOUT [give_up|delete] [RETRIES]` as the fields of an application's spec."""

    name = "shutdown"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Document:
        """The fields that the words stand for."""
        timeout, *words = re.split(r"[,\s]+", str(value).strip())
        if not _NUMBER.fullmatch(timeout) or int(timeout) < 1:
            self.fail(f"the TIMEOUT has to be a number of seconds, not {timeout!r}", param, ctx)
        fields: Document = {"shutdown_grace_time": int(timeout)}
        if words and words[0] in STRATEGIES:
            fields["shutdown_failure_strategy"] = words.pop(0)
        if words and _NUMBER.fullmatch(words[0]):
            fields["shutdown_retry_count"] = int(words.pop(0))
        if words:
            self.fail(f"{words[0]!r} is neither {' nor '.join(STRATEGIES)} nor a number", param, ctx)
        return fields


class HookCommand(Command):
    """A command with `--hook-shutdown` and `--inject`, after which several words may belong to the option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the command line."""
        return super().parse_args(ctx, fold(spread(args, INJECT, _PAIR)))


def fold(words: Sequence[str]) -> list[str]:
    """The command line with the one to three words after `--hook-shutdown` as one."""
    rest, folded = list(words), []
    while rest:
        word = rest.pop(0)
        folded.append(word)
        if word == "--":
            return folded + rest
        if word == SHUTDOWN and rest:
            folded.append(_take_value(rest))
    return folded


def _take_value(rest: list[str]) -> str:
    """Take the words of the value off the rest of the command line."""
    value = [rest.pop(0)]
    for pattern in ("|".join(STRATEGIES), _NUMBER.pattern):
        if rest and re.fullmatch(pattern, rest[0]):
            value += [rest.pop(0)]
    return ",".join(value)


def hook_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--hook-complete` and `--hook-shutdown`."""
    complete = click.option(
        "--hook-complete", is_flag=True, help="The application may end itself; it is given token and URL."
    )
    shutdown = click.option(
        SHUTDOWN,
        type=ShutdownType(),
        metavar="TIMEOUT [give_up|delete] [RETRIES]",
        help="Ask the application to shut down before it is removed: seconds to confirm, what to do "
        "without a confirmation, and how often to ask again.",
    )
    return complete(shutdown(command))


remove_hooks_option = click.option(
    "--remove-existing-hooks", is_flag=True, help="Drop the hooks that are there."
)


def hook_fields(hook_complete: bool, hook_shutdown: Document | None, present: Sequence[str] = ()) -> Document:
    """The fields of a spec that the options ask for, besides the hooks that are there."""
    wanted = {"complete": hook_complete, "shutdown": hook_shutdown is not None}
    hooks = [name for name in HOOKS if name in present or wanted[name]]
    return {"hooks": hooks, **(hook_shutdown or {})}

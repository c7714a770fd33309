"""The help teaches: every command has examples, and every example is one that works."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from rok.cli import main
from rok.errors import ExitCode
from rok.helping import Command, Group
from rok.reference import reference
from rok.resources import APPLICATIONS, CLUSTERS
from tests.rok.cli import Rok

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "rok.md"


def commands(
    group: click.Group, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


LEAVES = [(path, command) for path, command in commands(main) if not isinstance(command, click.Group)]


@pytest.mark.parametrize(("path", "command"), LEAVES, ids=lambda value: str(value))
def test_every_command_has_an_example(rok: Rok, path: tuple[str, ...], command: click.Command) -> None:
    shown = rok(*path, "--help").ok().out
    assert isinstance(command, Command)
    assert command.examples
    assert all(example in shown for example in command.examples)


def examples() -> list[str]:
    found = [*main.examples]
    for _, command in commands(main):
        if isinstance(command, Command | Group):
            found += command.examples
    return found


@pytest.mark.parametrize("example", examples())
def test_every_example_is_a_command_line_that_rok_takes(example: str) -> None:
    words = shlex.split(example.replace('"$(', " ").replace(')"', " ").partition(" > ")[0], comments=True)
    words = words[words.index("rok") + 1 :]
    command: click.Command = main
    context = click.Context(main)
    while isinstance(command, click.Group):
        _, found, words = command.resolve_command(context, words)
        assert found is not None
        context = click.Context(found, parent=context)
        command = found
    command.make_context(command.name, words)


def test_the_help_lists_every_exit_code(rok: Rok) -> None:
    shown = rok("--help").ok().out
    assert all(f"\n  {int(code)} " in shown for code in ExitCode)


def test_the_reference_page_is_current() -> None:
    """`python -m rok.reference > docs/reference/rok.md` makes it."""
    assert REFERENCE.read_text() == reference()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_call_rok(rok: Rok, shell: str) -> None:
    assert "_ROK_COMPLETE" in rok("completion", shell).ok().out


def test_completion_offers_commands_and_states(rok: Rok) -> None:
    variables = {
        "_ROK_COMPLETE": "bash_complete",
        "COMP_WORDS": "rok kube app create --wait ",
        "COMP_CWORD": "5",
    }
    assert "plain,running" in rok(**variables).out


def test_version_of_client_and_server(rok: Rok) -> None:
    shown = rok("version", "-o", "json").ok().json
    assert shown["client"] == shown["server"]


def test_collections_are_those_of_the_api() -> None:
    from krake.models.kinds import KINDS

    for collection in (APPLICATIONS, CLUSTERS):
        kind = KINDS[collection.kind]
        assert (collection.api, collection.plural) == (kind.api, kind.plural)

"""The help teaches: every command has examples, and every example is one that works."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
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
HOW_TO = Path(__file__).parents[2] / "docs" / "how-to" / "clusters-on-clouds.md"


def commands(
    group: click.Group, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


@pytest.mark.parametrize(("path", "command"), list(commands(main)), ids=str)
def test_every_command_has_an_example(rok: Rok, path: tuple[str, ...], command: click.Command) -> None:
    shown = rok(*path, "--help").ok().out
    assert isinstance(command, Command | Group)
    assert command.examples
    assert all(example in shown for example in command.examples)


def examples() -> list[str]:
    found = [*main.examples]
    for _, command in commands(main):
        if isinstance(command, Command | Group):
            found += command.examples
    return found + [line for line in HOW_TO.read_text().splitlines() if line.startswith("rok ")]


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


def test_completion_offers_commands_and_states() -> None:
    rok = Path(sys.executable).with_name("rok")
    for words, offered in {"rok ku": "kubernetes", "rok kube app create --wait ": "running"}.items():
        asked = {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
        environment = {**os.environ, **asked, "_ROK_COMPLETE": "bash_complete"}
        done = subprocess.run([rok], env=environment, capture_output=True, text=True, check=True)
        assert f"plain,{offered}" in done.stdout.splitlines()


def test_version_of_client_and_server(rok: Rok) -> None:
    shown = rok("version", "-o", "json").ok().json
    assert shown["client"] == shown["server"]


def test_collections_are_those_of_the_api() -> None:
    from krake.models.kinds import KINDS

    for collection in (APPLICATIONS, CLUSTERS):
        kind = KINDS[collection.kind]
        assert (collection.api, collection.plural) == (kind.api, kind.plural)

"""Exit codes, and how an error is shown: what happened, why, what to do."""

from __future__ import annotations

from enum import IntEnum

import click

from krake.errors import KrakeError
from rok.plain import plain


class ExitCode(IntEnum):
    """What the exit code of `rok` says; scripts may rely on it."""

    OK = 0
    NEGATIVE = 1
    USAGE = 2
    NOT_FOUND = 3
    CONFLICT = 4
    REFUSED = 5
    TIMEOUT = 6
    SERVER = 10
    INTERRUPTED = 130


EXIT_CODES = {
    ExitCode.OK: "done",
    ExitCode.NEGATIVE: "a negative answer: the awaited resource is FAILED",
    ExitCode.USAGE: "wrong usage: unknown option, missing file, bad configuration",
    ExitCode.NOT_FOUND: "the resource does not exist",
    ExitCode.CONFLICT: "conflict: the name is taken, or somebody else changed the resource",
    ExitCode.REFUSED: "refused or invalid: manifest, kubeconfig, value, permission",
    ExitCode.TIMEOUT: "--wait ran into its --timeout; the work goes on",
    ExitCode.SERVER: "the server cannot be reached or failed",
    ExitCode.INTERRUPTED: "Ctrl-C; work that was started goes on",
}
"""Meaning of each code, for the help and the reference page."""


class RokError(KrakeError):
    """A failure together with the exit code that it ends the command with."""

    def __init__(self, what: str, *, code: ExitCode, why: str = "", fix: str = "") -> None:
        super().__init__(what, why=why, fix=fix)
        self.code = code


class DetachedError(RokError):
    """Ctrl-C while waiting: no failure, the work goes on; says how to look again."""

    def __init__(self, what: str, *, why: str = "", fix: str = "") -> None:
        super().__init__(what, code=ExitCode.INTERRUPTED, why=why, fix=fix)


def show_error(error: KrakeError) -> None:
    """Write the error to standard error, one line for each of what, why and what to do."""
    prefix = "" if isinstance(error, DetachedError) else click.style("Error:", fg="red", bold=True) + " "
    click.echo(f"{prefix}{plain(error.what)}", err=True)
    for line in (error.why, error.fix):
        if line:
            click.echo(plain(line), err=True)


def exit_code(error: KrakeError) -> ExitCode:
    """The exit code for the error; an error without one of its own is a refused input."""
    return error.code if isinstance(error, RokError) else ExitCode.REFUSED

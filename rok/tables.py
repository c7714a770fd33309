"""Tables as the original CLI draws them: lists horizontally, one object vertically."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

STATE_STYLES = {
    "RUNNING": "green",
    "ONLINE": "green",
    "COMPLETED": "green",
    "FAILED": "bold red",
    "OFFLINE": "bold red",
    "DEGRADED": "red",
    "UNHEALTHY": "red",
    "NOTREADY": "red",
    "UNKNOWN": "magenta",
}
"""Colours of states on a terminal; every other state is still on its way."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list. Columns that are not `firm` give way when the terminal is narrow."""

    title: str
    firm: bool = False


def colour_wanted() -> bool:
    """Whether standard output is a terminal whose user did not ask for plain text."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def horizontal(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> Table:
    """A list of objects, one a row."""
    table = _table(show_header=True)
    for column in columns:
        # A date wraps between day and time only, every other text where it has to.
        table.add_column(column.title, no_wrap=column.firm, overflow="fold", justify="left")
    for row in rows:
        table.add_row(*map(_styled, row))
    return table


def vertical(rows: Sequence[tuple[str, str]]) -> Table:
    """One object, one attribute a row."""
    table = _table(show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, _styled(value))
    return table


def render(content: RenderableType) -> str:
    """The text of a table, as wide as the terminal (80 where there is none), coloured on a terminal."""
    out = StringIO()
    console(out).print(content)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def console(file: StringIO) -> Console:
    """A console that writes into `file` what standard output's terminal can show."""
    from rich.console import Console

    system: Literal["standard"] | None = "standard" if colour_wanted() else None
    return Console(
        file=file,
        width=shutil.get_terminal_size((80, 24)).columns,
        color_system=system,
        force_terminal=system is not None,
        highlight=False,
        markup=False,
        emoji=False,
    )


def _table(show_header: bool) -> Table:
    from rich import box
    from rich.table import Table

    return Table(box=box.ASCII_DOUBLE_HEAD, show_header=show_header, show_lines=True, header_style="bold")


def _styled(value: str) -> RenderableType:
    from rich.text import Text

    return Text(value, style=STATE_STYLES.get(value, ""), overflow="fold")

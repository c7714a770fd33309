"""Tables as the original CLI draws them: lists horizontally, one object vertically."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Literal

from rok.plain import plain

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

STATE_STYLES = {
    "RUNNING": "green",
    "ONLINE": "green",
    "COMPLETED": "green",
    "FAILED": "bold red",
    "OFFLINE": "bold red",
    "UNREACHABLE": "bold red",
    "DEGRADED": "red",
    "UNHEALTHY": "red",
    "NOTREADY": "red",
    "UNKNOWN": "magenta",
}
"""Colours of states on a terminal; every other state is still on its way."""

NO_TERMINAL = (80, 24)
UNLIMITED = 10_000
LONGEST_FIRM = 32


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list. `firm` columns keep their width when the terminal is narrow, `dates` break
    between day and time only, all others give way."""

    title: str
    firm: bool = False
    dates: bool = False


def horizontal(columns: Sequence[Column], rows: Sequence[Sequence[str]], *, wide: bool = False) -> str:
    """A list of objects, one a row, as wide as the terminal; `wide` has no limit where there is none.

    When it does not fit, dates are put in two lines first, then the blanks at the borders go, and then
    columns wrap.
    """
    width = UNLIMITED if wide and not sys.stdout.isatty() else _terminal_width()
    broken = [
        [cell.replace(" ", "\n") if column.dates else cell for column, cell in zip(columns, row, strict=True)]
        for row in rows
    ]
    candidates = ((rows, 1), (broken, 1), (broken, 0))
    tables = [_list_table(columns, cells, padding) for cells, padding in candidates]
    console = _console(StringIO(), width)
    fitting = (table for table in tables if _natural_width(console, table) <= width)
    return _render(next(fitting, tables[-1]), width)


def vertical(rows: Sequence[tuple[str, str]]) -> str:
    """One object, one attribute a row, as wide as the terminal."""
    table = _table(show_header=False, padding=1)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, _styled(value))
    return _render(table, _terminal_width())


def colour_wanted() -> bool:
    """Whether standard output is a terminal whose user did not ask for plain text."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _terminal_width() -> int:
    return shutil.get_terminal_size(NO_TERMINAL).columns


def _list_table(columns: Sequence[Column], rows: Sequence[Sequence[str]], padding: int) -> Table:
    table = _table(show_header=True, padding=padding)
    for index, column in enumerate(columns):
        longest = max((len(line) for row in rows for line in row[index].splitlines()), default=0)
        keeps = (column.firm or column.dates) and longest <= LONGEST_FIRM
        table.add_column(column.title, no_wrap=keeps, overflow="fold")
    for row in rows:
        table.add_row(*map(_styled, row))
    return table


def _table(show_header: bool, padding: int) -> Table:
    from rich import box
    from rich.table import Table

    return Table(
        box=box.ASCII_DOUBLE_HEAD,
        show_header=show_header,
        show_lines=show_header,
        header_style="bold",
        padding=(0, padding),
    )


def _styled(value: str) -> RenderableType:
    from rich.text import Text

    value = plain(value)
    return Text(value, style=STATE_STYLES.get(value, ""), overflow="fold")


def _natural_width(console: Console, table: Table) -> int:
    from rich.measure import Measurement

    return Measurement.get(console, console.options.update_width(UNLIMITED), table).maximum


def _render(table: Table, width: int) -> str:
    out = StringIO()
    _console(out, width).print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def _console(file: StringIO, width: int) -> Console:
    from rich.console import Console

    system: Literal["standard"] | None = "standard" if colour_wanted() else None
    return Console(
        file=file,
        width=width,
        color_system=system,
        force_terminal=system is not None,
        highlight=False,
        markup=False,
        emoji=False,
    )

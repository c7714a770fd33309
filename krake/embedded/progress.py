"""Shows how builds come along: a live line on a terminal, plain lines with the seconds elapsed elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import click
from rich.console import Console
from rich.progress import Progress as Display
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Column

INTERVAL = 15.0


class Progress:
    """Follows the builds of several modules; this one shows nothing. Used as a context manager."""

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        self._title = ""
        self._packages = 0
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Ends the display."""

    def module(self, name: str, index: int, total: int, programs: Sequence[str]) -> None:
        """The build of module `name` begins, the `index`th of `total`, giving `programs`."""
        several = f" ({', '.join(programs)})" if programs != [name] else ""
        self._title = f"building {name}{several}, module {index} of {total}"
        self._packages = 0
        self.show(self._title)

    def compiled(self, package: str) -> None:
        """One more package is compiled."""
        self._packages += 1
        self.tick(f"{self._title}: {self._packages} packages compiled, now {package}")

    def said(self, line: str) -> None:
        """The build said something else than a package's name, such as what it downloads."""
        self.tick(f"{self._title}: {line}")

    def note(self, text: str) -> None:
        """Something a person waiting should know at once."""
        self.show(text)

    @property
    def seconds(self) -> int:
        """The seconds since the display began."""
        return round(time.monotonic() - self._began)

    def show(self, text: str) -> None:
        """Shows a line that matters."""

    def tick(self, text: str) -> None:
        """Shows a line that is one of very many."""


class PlainProgress(Progress):
    """One line for each module and one every 15 seconds, for logs."""

    _next = 0.0

    def show(self, text: str) -> None:
        self._next = time.monotonic() + INTERVAL
        click.echo(f"{time.strftime('%H:%M:%S')} [{self.seconds:4d} s] {text}", err=True)

    def tick(self, text: str) -> None:
        if time.monotonic() >= self._next:
            self.show(text)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.show("built")


class LiveProgress(Progress):
    """One line that changes in place, with a clock, for terminals."""

    def __enter__(self) -> Self:
        super().__enter__()
        rest = Column(no_wrap=True, overflow="ellipsis", ratio=1)
        text = TextColumn("{task.description}", markup=False, table_column=rest)
        columns = (SpinnerColumn(), TimeElapsedColumn(), text)
        self._display = Display(*columns, console=Console(stderr=True), transient=True, expand=True)
        self._task = self._display.add_task("")
        self._display.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._display.stop()

    def module(self, name: str, index: int, total: int, programs: Sequence[str]) -> None:
        if not self._title:
            self._display.console.print("The servers are built once and kept; this takes some minutes.")
        super().module(name, index, total, programs)

    def show(self, text: str) -> None:
        self._display.update(self._task, description=text)

    def tick(self, text: str) -> None:
        self.show(text)


def console_progress() -> Progress:
    """The display that fits the standard error stream."""
    return LiveProgress() if sys.stderr.isatty() else PlainProgress()

"""The line that shows what is being waited for: live on a terminal, plain with times elsewhere."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import click

from rok.tables import STATE_STYLES

if TYPE_CHECKING:
    from rich.console import RenderableType

FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
FRAMES_PER_SECOND = 10


class Reporter(Protocol):
    """Tells a person how the wait goes. Everything goes to standard error."""

    def update(self, state: str, message: str) -> None:
        """The resource is in this state, because of or on the way to what the message says."""

    def done(self, message: str) -> None:
        """The wait is over."""


@contextmanager
def reporter(title: str) -> Iterator[Reporter]:
    """The reporter that fits standard error: one live line on a terminal, else a line for each change."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield _Lines(title)
        return
    from rich.console import Console
    from rich.live import Live

    line = _LiveLine(title)
    console = Console(stderr=True, no_color=bool(os.environ.get("NO_COLOR")), highlight=False)
    with Live(line, console=console, refresh_per_second=FRAMES_PER_SECOND, transient=True):
        yield line
    if line.last_words:
        click.echo(line.last_words, err=True)


class _Lines:
    """A line with the time for each change, for logs and pipes."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._shown = ("", "")

    def update(self, state: str, message: str) -> None:
        if (state, message) != self._shown:
            self._shown = (state, message)
            self.done(f"{self._title} {state}{f'  {message}' if message else ''}")

    def done(self, message: str) -> None:
        click.echo(f"{datetime.now():%H:%M:%S} {message}", err=True)


class _LiveLine:
    """One line that rich draws anew several times a second."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._started = time.monotonic()
        self._state = self._message = self.last_words = ""

    def update(self, state: str, message: str) -> None:
        self._state, self._message = state, message

    def done(self, message: str) -> None:
        self.last_words = message

    def __rich__(self) -> RenderableType:
        from rich.text import Text

        elapsed = time.monotonic() - self._started
        frame = FRAMES[int(elapsed * FRAMES_PER_SECOND) % len(FRAMES)]
        line = Text(f"{frame} {elapsed:.1f}s {self._title} ", no_wrap=True, overflow="ellipsis")
        line.append(self._state, style=STATE_STYLES.get(self._state, "yellow"))
        line.append(f"  {' '.join(self._message.split())}" if self._message else "")
        return line

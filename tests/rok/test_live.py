"""The live line, on a real terminal: a pseudo-terminal with the program behind it."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import subprocess
import time
from collections.abc import Callable

import pytest

from tests.rok.cli import LIMIT, PROGRAM, Rok
from tests.rok.server import Lifecycle

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class Terminal:
    """A program on a terminal of 80 columns; `text` is everything that it wrote, escape codes left out."""

    def __init__(self, *arguments: str, environment: dict[str, str]) -> None:
        self._master, slave = pty.openpty()
        os.set_blocking(self._master, False)
        self.raw = ""
        self.process = subprocess.Popen(
            [*PROGRAM, *arguments],
            env={**os.environ, **environment, "TERM": "xterm", "COLUMNS": "80", "LINES": "24"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)

    @property
    def text(self) -> str:
        """What was written so far."""
        try:
            while piece := os.read(self._master, 65536):
                self.raw += piece.decode(errors="replace")
        except (BlockingIOError, OSError):
            return ESCAPES.sub("", self.raw)
        return ESCAPES.sub("", self.raw)

    async def until(self, condition: Callable[[str], object]) -> None:
        """Return when the condition holds for what was written."""
        deadline = time.monotonic() + LIMIT
        while not condition(self.text):
            assert time.monotonic() < deadline, self.text
            await asyncio.sleep(0.02)

    async def ends(self) -> int:
        """The exit code."""
        await self.until(lambda _: self.process.poll() is not None)
        return int(self.process.returncode)


@pytest.fixture
def terminal_environment(rok: Rok) -> dict[str, str]:
    """The variables of a terminal with colours."""
    return {key: value for key, value in rok.environment.items() if key not in ("NO_COLOR", "COLUMNS")}


async def test_the_live_line_moves_and_leaves_one_line(
    rok: Rok, manifest: str, lifecycle: Lifecycle, terminal_environment: dict[str, str]
) -> None:
    arguments = ("kube", "app", "create", "shop", "-f", manifest, "--wait")
    terminal = Terminal(*arguments, environment=terminal_environment)
    await terminal.until(lambda text: "s Application 'shop' PENDING" in text)
    await lifecycle.write("Application", "shop", state="CREATING", message="waiting for " + "x" * 200)
    await terminal.until(lambda text: "CREATING  waiting for xxx" in text)
    frames = set(re.findall("[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]", terminal.text))
    await terminal.until(lambda text: len(set(re.findall("[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]", text)) | frames) >= 3)
    await lifecycle.write("Application", "shop", state="RUNNING", message="")
    assert await terminal.ends() == 0
    lines = re.split(r"[\r\n]+", terminal.text)
    assert max(map(len, lines)) <= 80
    assert any(re.fullmatch(r"Application 'shop' is RUNNING \(\d+\.\d+s\)", line) for line in lines)
    assert "\x1b[32mRUNNING" in terminal.raw


async def test_ctrl_c_on_a_terminal_detaches(manifest: str, terminal_environment: dict[str, str]) -> None:
    arguments = ("kube", "app", "create", "shop", "-f", manifest, "--wait")
    terminal = Terminal(*arguments, environment=terminal_environment)
    await terminal.until(lambda text: "PENDING" in text)
    terminal.process.send_signal(2)
    assert await terminal.ends() == 130
    assert "Krake goes on with Application 'shop'" in terminal.text
    assert "Traceback" not in terminal.text


async def test_a_watched_table_is_drawn_in_place(
    rok: Rok, manifest: str, lifecycle: Lifecycle, terminal_environment: dict[str, str]
) -> None:
    rok("kube", "app", "create", "shop", "-f", manifest).ok()
    terminal = Terminal("kube", "app", "list", "-w", environment=terminal_environment)
    await terminal.until(lambda text: "PENDING" in text)
    await lifecycle.write("Application", "shop", state="RUNNING")
    await terminal.until(lambda text: "RUNNING" in text)
    terminal.process.send_signal(2)
    assert await terminal.ends() == 130


async def test_no_color_is_respected(
    rok: Rok, manifest: str, lifecycle: Lifecycle, terminal_environment: dict[str, str]
) -> None:
    rok("kube", "app", "create", "shop", "-f", manifest).ok()
    await lifecycle.write("Application", "shop", state="RUNNING")
    terminal = Terminal("kube", "app", "list", environment={**terminal_environment, "NO_COLOR": "1"})
    assert await terminal.ends() == 0
    assert "RUNNING" in terminal.text
    assert "\x1b[" not in terminal.raw

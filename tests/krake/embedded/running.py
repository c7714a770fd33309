"""A `krake up` that a test started: what it says, what it runs, and its end."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil

from krake.embedded.report import report
from krake.embedded.statedir import StateDir

PATIENCE = 90.0


class Up:
    """One foreground `krake up` with free ports; everything it says is in `output`."""

    def __init__(self, folder: Path, *flags: str, environment: Mapping[str, str] | None = None) -> None:
        self.folder = StateDir(folder)
        self._output = folder.with_suffix(".out")
        command = [
            sys.executable,
            "-m",
            "krake",
            "up",
            "--state-dir",
            str(folder),
            *(flags or ("--free-ports",)),
        ]
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                command, stdout=output, stderr=subprocess.STDOUT, env=environment, start_new_session=True
            )

    @property
    def output(self) -> str:
        """Everything it has said."""
        return self._output.read_text()

    @property
    def addresses(self) -> dict[str, str]:
        """The addresses that it printed, by name."""
        return dict(re.findall(r"^  (\w[\w ]*?)  +(\S+)$", self.output, re.MULTILINE))

    def status(self) -> dict[str, Any]:
        """What `krake status -o json` shows."""
        return report(self.folder).document()

    def part(self, name: str) -> dict[str, Any]:
        """One part's status; empty while it is not there."""
        return next((part for part in self.status()["parts"] if part["name"] == name), {})

    def wait_ready(self) -> Up:
        """Wait until it says that all is ready."""
        self.wait_for("Krake is ready.\n")
        eventually("all parts are ready", lambda: self.status()["ready"])
        return self

    def wait_for(self, text: str) -> None:
        """Wait until it has said something."""
        eventually(
            f"{text!r} in: {self.output}", lambda: text in self.output or self.process.poll() is not None
        )
        assert text in self.output, self.output

    def processes(self) -> list[psutil.Process]:
        """The supervisor and its parts."""
        return [psutil.Process(self.process.pid), *(psutil.Process(p["pid"]) for p in self.status()["parts"])]

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        self.process.send_signal(signal.SIGINT)

    def end(self) -> int:
        """Make sure that nothing of it runs any more; its exit code."""
        if self.process.poll() is None:
            self.interrupt()
        return self.process.wait(PATIENCE)


def eventually(what: str, condition: Callable[[], Any], seconds: float = PATIENCE) -> None:
    """Wait until the condition holds; fails the test when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.02)


def gone(processes: list[psutil.Process]) -> bool:
    """Whether none of the processes runs any more."""
    return not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in processes)

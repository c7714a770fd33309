"""Calling `rok`: in this process, or as a program of its own beside the test."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from dataclasses import dataclass
from typing import Any

from click.testing import CliRunner

from rok.cli import main

PROGRAM = (sys.executable, "-m", "rok.cli")
LIMIT = 60.0


@dataclass(frozen=True)
class Answer:
    """What one call gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as a document."""
        return json.loads(self.out)

    def ok(self) -> Answer:
        """This answer, if the call succeeded."""
        assert self.code == 0, f"exit code {self.code}\n{self.out}\n{self.err}"
        return self


class Rok:
    """`rok` for one API and one namespace."""

    def __init__(self, url: str, namespace: str, **more: str) -> None:
        self.environment = {"ROK_API_URL": url, "ROK_NAMESPACE": namespace, "COLUMNS": "100", "NO_COLOR": "1"}
        self.environment |= more

    def __call__(self, *arguments: str, stdin: str | None = None, **environment: str) -> Answer:
        """Run a command in this process."""
        result = CliRunner().invoke(main, arguments, input=stdin, env={**self.environment, **environment})
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Answer(result.exit_code, result.stdout, result.stderr)

    async def start(self, *arguments: str) -> Running:
        """Start a command as a program of its own."""
        environment = {**os.environ, **self.environment}
        process = await asyncio.create_subprocess_exec(
            *PROGRAM, *arguments, env=environment, stdout=PIPE, stderr=PIPE
        )
        return Running(process)


class Running:
    """A command that runs beside the test."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._errors = ""

    async def says(self, text: str) -> None:
        """Return when standard error has brought the text since the last call."""
        assert self._process.stderr
        async with asyncio.timeout(LIMIT):
            seen = ""
            while text not in seen:
                line = (await self._process.stderr.readline()).decode()
                assert line, f"it ended without saying {text!r}:\n{self._errors}"
                seen += line
                self._errors += line

    async def prints(self, text: str) -> None:
        """Return when standard output has brought a line with the text."""
        assert self._process.stdout
        async with asyncio.timeout(LIMIT):
            while text not in (line := (await self._process.stdout.readline()).decode()):
                assert line, f"it ended without printing {text!r}"

    def interrupt(self) -> None:
        """Ctrl-C."""
        self._process.send_signal(signal.SIGINT)

    async def ends(self) -> Answer:
        """What it gave, when it has ended."""
        async with asyncio.timeout(LIMIT):
            out, err = await self._process.communicate()
        assert self._process.returncode is not None
        return Answer(self._process.returncode, out.decode(), self._errors + err.decode())

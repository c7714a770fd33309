"""Servers of tests as processes: started with a log file, waited for, and ended by their ids."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from pathlib import Path

import httpx

from tests.support.waiting import until

SECONDS = 180.0
"""A server starts in five on a machine that does nothing else."""
GRACE = 5.0


async def command(words: Sequence[str | Path]) -> None:
    """Run a command to its end; the test fails when it does."""
    process = await asyncio.create_subprocess_exec(
        *words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()


def make_database(file: Path) -> None:
    """An empty SQLite database in which readers and a writer do not lock each other out."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")


@asynccontextmanager
async def serving(
    words: Sequence[str | Path], log: Path, url: str, variables: Mapping[str, str] | None = None
) -> AsyncIterator[subprocess.Popen[bytes]]:
    """A server that answers at the address, whatever it answers; ended afterwards."""
    process = _start(words, log, {**os.environ, **(variables or {})})
    try:
        async with httpx.AsyncClient(trust_env=False, timeout=5) as http:

            async def answers() -> bool:
                assert process.poll() is None, _end_of(log)
                try:
                    await http.get(url)
                except httpx.TransportError:
                    return False
                return True

            await until(f"{log.stem} answers", answers, SECONDS)
        yield process
    finally:
        process.terminate()
        try:
            await asyncio.to_thread(process.wait, GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            await asyncio.to_thread(process.wait)


def _start(words: Sequence[str | Path], log: Path, variables: Mapping[str, str]) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(
            [str(word) for word in words],
            env=variables,
            # Some leave files where they start.
            cwd=log.parent,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )


def _end_of(log: Path) -> str:
    return log.read_text()[-4000:]

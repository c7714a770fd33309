"""Processes known by pid files."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from krake.embedded.process import ManagedProcess, wait_until
from krake.embedded.record import ProcessMark
from krake.errors import KrakeError
from tests.support.waiting import until

SLEEPER = (sys.executable, "-c", "import time; print('awake', flush=True); time.sleep(600)")
STUBBORN = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('awake', flush=True); "
    "time.sleep(600)",
)


def managed(folder: Path) -> ManagedProcess:
    return ManagedProcess("server", folder / "server.pid", folder / "server.log")


async def awake(process: ManagedProcess) -> None:
    async def said() -> bool:
        return "awake" in process.last_lines()

    await wait_until("it was awake", said, [process], seconds=30)


def has_ended(process: psutil.Process) -> bool:
    """Whether nothing of it runs; its parent, this process, need not have looked yet."""
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


async def test_it_runs_in_a_session_of_its_own_and_is_found_again(tmp_path: Path) -> None:
    managed(tmp_path).start(SLEEPER)
    await awake(managed(tmp_path))
    found = managed(tmp_path).find()
    assert found is not None
    assert os.getsid(found.pid) == found.pid != os.getsid(0)
    await managed(tmp_path).stop(grace=10)
    assert has_ended(found)
    assert managed(tmp_path).pid is None
    assert not managed(tmp_path).pid_file.exists()


async def test_one_that_ignores_the_request_to_end_is_killed(tmp_path: Path) -> None:
    process = managed(tmp_path)
    process.start(STUBBORN)
    await awake(process)
    found = process.find()
    assert found is not None
    await process.stop(grace=0.1)
    assert has_ended(found)


async def test_one_that_was_killed_counts_as_ended(tmp_path: Path) -> None:
    process = managed(tmp_path)
    process.start(SLEEPER)
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)

    async def gone() -> bool:
        return process.find() is None

    await until("the killed process is gone", gone)


async def test_a_process_that_got_the_same_id_later_is_left_alone(tmp_path: Path) -> None:
    other = managed(tmp_path)
    other.start(SLEEPER)
    real = ProcessMark.model_validate_json(other.pid_file.read_bytes())
    stale = ManagedProcess("stale", tmp_path / "stale.pid", tmp_path / "stale.log")
    stale.pid_file.write_text(ProcessMark(pid=real.pid, created=real.created - 60).model_dump_json())
    assert stale.pid is None
    await stale.stop(grace=0)
    assert other.pid == real.pid
    await other.stop(grace=10)


async def never() -> bool:
    return False


async def test_an_early_end_is_told_with_the_last_lines_of_the_log(tmp_path: Path) -> None:
    process = managed(tmp_path)
    process.start([sys.executable, "-c", "raise SystemExit('port 1 is taken')"])
    with pytest.raises(KrakeError) as raised:
        await wait_until("it was ready", never, [process], seconds=30)
    assert raised.value.what == "server ended before it was ready"
    assert raised.value.why == "port 1 is taken"
    assert str(process.log_file) in raised.value.fix


async def test_the_wait_has_an_end(tmp_path: Path) -> None:
    process = managed(tmp_path)
    process.start(SLEEPER)
    with pytest.raises(KrakeError, match=r"within 0\.1 seconds"):
        await wait_until("it was ready", never, [process], seconds=0.1)
    await process.stop(grace=10)


def test_a_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(KrakeError, match="server cannot be started"):
        managed(tmp_path).start([tmp_path / "no-such-program"])

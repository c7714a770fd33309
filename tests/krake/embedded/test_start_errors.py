"""What `krake up` says when it cannot start; nothing is left running then."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from filelock import FileLock

from krake.embedded.record import PartRecord, PartState, ProcessMark, Record
from krake.embedded.statedir import StateDir
from krake.embedded.stop import stop_leftovers

FLAGS = ["--api-port", "--ui-port", "--temporal-port", "--metrics-port", "--client-metrics-port"]


def up(folder: Path, *flags: str, **environment: str) -> list[str]:
    """The lines of the error that a start ends in."""
    command = [sys.executable, "-m", "krake", "up", "--state-dir", str(folder), "--free-ports", *flags]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | environment,
    )
    if done.returncode == 0:
        subprocess.run([sys.executable, "-m", "krake", "down", "--state-dir", str(folder)], check=False)
    assert done.returncode == 1, done.stdout
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that this process listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.mark.parametrize("flag", FLAGS)
def test_a_port_that_is_taken(tmp_path: Path, taken: int, flag: str) -> None:
    what, why, fix = up(tmp_path / "state", flag, str(taken))
    assert what.startswith(f"Error: Port {taken} for ")
    assert what.endswith(" is taken")
    assert f"(pid {os.getpid()}) listens on it" in why
    assert flag in fix
    assert not (tmp_path / "state" / "temporal.db").exists()
    assert not (tmp_path / "state" / "krake.db").exists()


def test_one_port_for_two_parts(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    what, fix = up(tmp_path / "state", "--api-port", port, "--temporal-port", port)
    assert what == f"Error: Port {port} is wanted for the API and for Temporal"
    assert "--temporal-port" in fix


def test_an_address_of_another_machine(tmp_path: Path) -> None:
    what, fix = up(tmp_path / "state", "--host", "192.0.2.1")
    assert what == "Error: 192.0.2.1 is no address of this machine"
    assert "--host" in fix


def test_a_folder_that_another_process_has_locked(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    with FileLock(tmp_path / "state" / "supervisor.lock"):
        what, fix = up(tmp_path / "state")
    assert what == f"Error: The state folder {tmp_path / 'state'} is locked by another process"
    assert "--state-dir" in fix


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    what, why, fix = up(tmp_path / "file" / "state")
    assert what == f"Error: Cannot write to the state folder {tmp_path / 'file' / 'state'}"
    assert why == "Not a directory"
    assert "--state-dir" in fix


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_read_only(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o500)
    assert "Cannot write to the state folder" in up(tmp_path / "state")[0]


def test_a_database_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "krake.db").write_text("this is no database" * 100)
    assert str(tmp_path / "state" / "krake.db") in " ".join(up(tmp_path / "state"))


@pytest.mark.parametrize("flags", [(), ("--detach",)], ids=["foreground", "background"])
def test_a_part_that_cannot_start(tmp_path: Path, flags: tuple[str, ...]) -> None:
    broken = tmp_path / "modules" / "worker"
    broken.mkdir(parents=True)
    (broken / "__init__.py").touch()
    (broken / "__main__.py").write_text("import sys; sys.exit('no worker today')")
    lines = up(tmp_path / "state", *flags, PYTHONPATH=str(tmp_path / "modules"))
    assert lines[0] == "Error: The worker does not start: it ended with exit code 1, 3 times in a row"
    assert lines[1] == "no worker today"
    assert lines[2].endswith(str(tmp_path / "state" / "logs" / "worker.log"))
    assert StateDir(tmp_path / "state").read() is None
    assert not [
        p for p in psutil.process_iter(["cmdline"]) if str(tmp_path) in " ".join(p.info["cmdline"] or [])
    ]


@pytest.fixture
def sleepers() -> Iterator[list[psutil.Popen]]:
    """Two processes that do nothing."""
    processes = [psutil.Popen(["sleep", "600"]) for _ in range(2)]
    yield processes
    for process in processes:
        if process.is_running():
            process.kill()
            process.wait()


def test_what_a_killed_supervisor_left_is_stopped_by_id_and_age(
    tmp_path: Path, sleepers: list[psutil.Popen]
) -> None:
    left, other = sleepers
    folder = StateDir(tmp_path / "state")
    folder.prepare()
    parts = [part(left.pid, 0.0), part(other.pid, -100.0)]
    supervisor = ProcessMark(pid=left.pid, created=1.0)
    folder.write(Record(supervisor=supervisor, started=parts[0].since, parts=parts))
    said: list[str] = []
    assert stop_leftovers(folder, said.append) == 1
    assert not left.is_running()
    assert other.is_running(), "a later process with the same id must not be stopped"
    assert f"pid {left.pid}" in said[0]
    assert folder.read() is None


def part(pid: int, shift: float) -> PartRecord:
    """A record of a process, said to have been created `shift` seconds later than it was."""
    mark = ProcessMark.of(pid)
    assert mark is not None
    mark = mark.model_copy(update={"created": mark.created + shift})
    return PartRecord.model_validate(
        {
            "name": f"part-{pid}",
            "state": PartState.READY,
            "address": "",
            "log": "",
            "process": mark,
            "since": "2026-01-01T00:00:00Z",
        }
    )

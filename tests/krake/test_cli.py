"""The command `krake` as an operator meets it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import httpx
import pytest

from krake.cli import run
from krake.embedded.ports import free_port
from krake.embedded.temporal import TemporalServer
from tests.support.servers import temporal_server

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = (
    "up",
    "down",
    "status",
    "sandbox",
    "servers",
    "api",
    "worker",
    "bootstrap",
    "db",
    "token",
    "config",
    "version",
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder of its own, and no setting from outside."""
    for name in [name for name in os.environ if name.startswith("KRAKE_") and name != "KRAKE_CACHE"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("KRAKE_STATE_DIR", str(tmp_path / "state"))
    return tmp_path


@dataclass(frozen=True, slots=True)
class Done:
    """What a command line has come to."""

    returncode: int
    stdout: str
    stderr: str


def krake(*arguments: str) -> Done:
    """Run one command line in this process, which saves the second that loading takes."""
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        code = run(list(arguments))
    return Done(code, out.getvalue(), err.getvalue())


def process(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one command line as its users do."""
    command = [sys.executable, "-m", "krake", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_first_help_names_every_command_and_how_to_begin() -> None:
    shown = krake("--help").stdout
    assert "krake up --detach" in shown
    for command in COMMANDS:
        assert f"\n  {command} " in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    done = krake(command, "-h")
    assert done.returncode == 0
    assert done.stdout.startswith(f"Usage: krake {command}")
    assert len(done.stdout.splitlines()) > 4


def test_wrong_usage_has_its_own_exit_code() -> None:
    done = process("fly")
    assert done.returncode == 2
    assert "No such command 'fly'" in done.stderr


def test_an_error_is_a_few_lines_without_a_traceback(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KRAKE_API_PORT", "eighty")
    done = process("config")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("Error: The settings are not valid\napi_port: ")
    assert "Traceback" not in done.stderr
    assert "Traceback" in krake("--debug", "config").stderr


@pytest.mark.parametrize("content", ["api_port: [1", "nonsense: 1", "api_port: 70000"])
def test_a_settings_file_that_does_not_fit_is_named(
    content: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "krake.yaml").write_text(content)
    monkeypatch.setenv("KRAKE_CONFIG", str(home / "krake.yaml"))
    done = krake("config")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: The settings ")
    assert "Traceback" not in done.stderr


def test_config_shows_values_and_origins_and_no_secrets(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "krake.yaml").write_text("api_port: 9001\nlog_level: DEBUG\n")
    monkeypatch.setenv("KRAKE_CONFIG", str(home / "krake.yaml"))
    monkeypatch.setenv("KRAKE_LOG_LEVEL", "ERROR")
    monkeypatch.setenv("KRAKE_SECRET_KEYS", '["top-secret-key"]')
    monkeypatch.setenv("KRAKE_DATABASE_URL", "postgresql+asyncpg://krake:hidden@db/krake")
    done = krake("config", "-o", "json")
    found = {item["name"]: (item["value"], item["origin"]) for item in json.loads(done.stdout)}
    assert found["api_port"] == ("9001", str(home / "krake.yaml"))
    assert found["log_level"] == ("ERROR", "environment")
    assert found["api_host"] == ("127.0.0.1", "default")
    assert found["secret_keys"] == ("********", "environment")
    for output in (done.stdout, krake("config").stdout):
        assert "top-secret-key" not in output
        assert "hidden" not in output


def test_the_documentation_lists_the_settings_as_they_are(home: Path) -> None:
    assert krake("config", "--markdown").stdout == (ROOT / "docs" / "settings.md").read_text(), (
        "run `make docs`"
    )


def test_version_can_be_read_by_programs() -> None:
    assert json.loads(krake("version", "-o", "json").stdout)["krake"].startswith("2.")


def test_the_store_is_migrated_once(home: Path) -> None:
    missing = krake("db", "check")
    assert missing.returncode == 1
    assert "krake db upgrade" in missing.stderr
    assert krake("db", "current").stdout == "no tables\n"
    assert krake("db", "upgrade").stdout.startswith("empty -> ")
    assert krake("db", "upgrade").stdout.endswith("(nothing to do)\n")
    assert krake("db", "check").stdout.endswith("up to date\n")


def test_status_and_down_where_nothing_runs(home: Path) -> None:
    assert krake("status").returncode == 1
    assert json.loads(krake("status", "-o", "json").stdout)["running"] is False
    done = krake("down")
    assert (done.returncode, done.stdout) == (0, f"Krake does not run on {home / 'state'}.\n")


def test_bootstrap_says_when_temporal_is_missing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KRAKE_TEMPORAL_ADDRESS", f"127.0.0.1:{free_port('127.0.0.1')}")
    done = krake("bootstrap", "--timeout", "0")
    assert done.returncode == 1
    assert "Cannot reach Temporal at 127.0.0.1:" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
async def temporal(tmp_path: Path) -> AsyncIterator[TemporalServer]:
    """A Temporal server for this test."""
    async with temporal_server(tmp_path / "temporal") as server:
        yield server


async def test_bootstrap_prepares_and_can_be_repeated(
    home: Path, temporal: TemporalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KRAKE_TEMPORAL_ADDRESS", temporal.address)
    monkeypatch.setenv("KRAKE_TEMPORAL_NAMESPACE", "fresh")
    first = await asyncio.to_thread(process, "bootstrap")
    assert first.returncode == 0, first.stderr
    assert "fresh (made" in first.stdout
    assert "added KrakeKind, KrakeNamespace, KrakeName, KrakeOperation, KrakeCluster" in first.stdout
    assert (home / "state" / "secret.key").stat().st_mode & 0o777 == 0o600
    second = await asyncio.to_thread(process, "bootstrap")
    assert second.returncode == 0, second.stderr
    assert second.stdout.count("there already") == 3


@pytest.fixture
def served(home: Path) -> Iterator[str]:
    """The address of a `krake api` on a migrated store; there is no Temporal."""
    krake("db", "upgrade")
    (home / "state" / "secret.key").unlink(missing_ok=True)
    port = free_port("127.0.0.1")
    server = subprocess.Popen([sys.executable, "-m", "krake", "api", "--port", str(port)])
    yield f"http://127.0.0.1:{port}"
    server.send_signal(signal.SIGTERM)
    assert server.wait(15) in (0, -signal.SIGTERM)


def test_an_api_server_gets_its_settings(served: str) -> None:
    deadline = time.monotonic() + 90
    while True:
        try:
            assert httpx.get(f"{served}/healthz", trust_env=False).is_success
            return
        except httpx.ConnectError:
            assert time.monotonic() < deadline, "the API does not answer"
            time.sleep(0.1)

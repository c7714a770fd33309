"""`krake up` with its real parts: ready, restarted, stopped, resumed."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from krake.embedded.admin_token import read_token
from tests.krake.embedded.running import Up, eventually, gone

APPLICATIONS = "/kubernetes/namespaces/default/applications"
MANIFEST = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "greeting"},
    "data": {"text": "hello"},
}
APPLICATION = {"metadata": {"name": "greeting"}, "spec": {"manifest": [MANIFEST]}}


def krake(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    command = [sys.executable, "-m", "krake", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


class Lives:
    """One state folder, and the Krake that runs on it: a test that ends one leaves a start to the next."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._up: Up | None = None

    def running(self, *flags: str) -> Up:
        """The Krake that runs; started, with these flags, where none does."""
        if self._up is None or self._up.process.poll() is not None:
            self._up = Up(self._folder, *flags)
        return self._up.wait_ready()

    def end(self) -> None:
        """End what runs, as it should end."""
        if self._up and self._up.process.poll() is None:
            assert self._up.end() == 0


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lives]:
    """The folder that the tests of this module share: a start takes longer than most of them."""
    made = Lives(tmp_path_factory.mktemp("shared") / "state")
    yield made
    made.end()


@pytest.fixture
def up(lives: Lives) -> Up:
    """A running Krake."""
    return lives.running()


def get(url: str, headers: dict[str, str] | None = None) -> httpx.Response:
    return httpx.get(url, trust_env=False, timeout=10, headers=headers)


def admin(up: Up) -> dict[str, str]:
    """What the administrator's requests carry."""
    return {"Authorization": f"Bearer {read_token(Path(up.addresses['Admin token']))}"}


def test_all_printed_addresses_answer(up: Up) -> None:
    assert get(f"{up.addresses['API']}/readyz").is_success
    assert "swagger" in get(up.addresses["OpenAPI"]).text.lower()
    assert "<html" in get(up.addresses["Temporal UI"]).text.lower()
    assert (Path(up.addresses["Logs"]) / "worker.log").is_file()


def test_status_shows_every_part(up: Up) -> None:
    assert up.status()["pid"] == up.process.pid
    assert [part["name"] for part in up.status()["parts"]] == ["temporal", "worker", "api"]
    for part in up.status()["parts"]:
        assert part["state"] == "ready"
        assert part["memory_bytes"] > 10_000_000
    shown = krake("status", "--state-dir", str(up.folder.path))
    assert shown.returncode == 0
    assert up.addresses["API"] in shown.stdout


def test_rok_finds_the_token_of_the_address_and_nobody_else_needs_to_know_it(up: Up, tmp_path: Path) -> None:
    path = Path(up.addresses["Admin token"])
    assert path.stat().st_mode & 0o777 == 0o600
    secret = path.read_text().strip()
    assert get(f"{up.addresses['API']}/me").status_code == 401
    outside = {name: value for name, value in os.environ.items() if not name.startswith("ROK_")}
    found = {**outside, "ROK_API_URL": up.addresses["API"], "XDG_CONFIG_HOME": str(tmp_path)}
    lost = {**found, "XDG_STATE_HOME": str(tmp_path)}
    (me, _), (refused, why) = rok(found, "whoami", "-o", "json"), rok(lost, "whoami")
    assert json.loads(me)["user"] == "system:admin"
    assert "system:masters" in json.loads(me)["groups"]
    assert refused == "" and "Who makes this request?" in why and "rok login" in why
    assert secret not in me + why + up.output
    assert not [log for log in up.folder.logs.iterdir() if secret in log.read_text()]


def rok(environment: dict[str, str], *words: str) -> tuple[str, str]:
    """What a command of `rok` prints and complains about."""
    command = [sys.executable, "-m", "rok.cli", *words]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env=environment, cwd="/"
    )
    return done.stdout, done.stderr


def test_a_second_start_says_what_runs_already(up: Up) -> None:
    second = krake("up", "--state-dir", str(up.folder.path), "--free-ports")
    assert second.returncode == 1
    assert f"already running here, pid {up.process.pid}" in second.stderr
    assert up.addresses["API"] in second.stderr
    assert "Traceback" not in second.stderr


@pytest.mark.parametrize("name", ["api", "worker", "temporal"])
def test_a_part_that_is_killed_starts_again(up: Up, name: str) -> None:
    before = up.part(name)
    os.kill(before["pid"], signal.SIGKILL)
    eventually("it runs again", lambda: up.part(name)["restarts"] == 1 and up.status()["ready"])
    after = up.part(name)
    assert after["pid"] != before["pid"]
    log = up.folder.logs / f"{name}.log"
    assert f" {name} was killed by SIGKILL; starts again in 0.5 s; log: {log}\n" in up.output
    up.wait_for(f" {name} is ready again, pid {after['pid']}\n")
    eventually("the API works", lambda: get(f"{up.addresses['API']}/readyz").is_success)


def test_ctrl_c_stops_in_order_and_the_next_start_resumes(lives: Lives) -> None:
    first = lives.running()
    created = httpx.post(
        first.addresses["API"] + APPLICATIONS, json=APPLICATION, trust_env=False, headers=admin(first)
    )
    assert created.is_success, created.text
    eventually("the workflow has tried to place it", lambda: operations(first))
    processes = first.processes()
    assert first.end() == 0
    said = re.findall(r"^\d\d:\d\d:\d\d (stop.*)$", first.output, re.MULTILINE)
    assert said == ["stopping api", "stopping worker", "stopping temporal", "stopped"]
    assert gone(processes)
    second = lives.running()
    found = get(f"{second.addresses['API']}{APPLICATIONS}/greeting", admin(second)).json()
    assert found["metadata"]["uid"] == created.json()["metadata"]["uid"]
    eventually("the former runs are known", lambda: operations(second))


def operations(up: Up) -> list[Any]:
    """The runs that Temporal knows of the application."""
    answer = get(f"{up.addresses['API']}{APPLICATIONS}/greeting/operations", admin(up))
    items: list[Any] = answer.json()["items"] if answer.is_success else []
    return items


def test_after_the_supervisor_is_killed_nothing_lingers_and_it_starts_again(lives: Lives) -> None:
    first = lives.running()
    status, processes = first.status(), first.processes()
    first.process.kill()
    first.process.wait()
    assert krake("status", "--state-dir", str(first.folder.path)).returncode == 1
    api, ui = (status["addresses"][name].rpartition(":")[2] for name in ("API", "Temporal UI"))
    second = lives.running("--free-ports", "--api-port", api, "--ui-port", ui)
    assert second.status()["addresses"]["API"] == status["addresses"]["API"]
    assert gone(processes)


def test_a_second_ctrl_c_kills_what_does_not_stop(lives: Lives) -> None:
    running = lives.running()
    processes = running.processes()
    os.kill(running.part("worker")["pid"], signal.SIGSTOP)
    running.interrupt()
    running.wait_for("stopping worker\n")
    running.interrupt()
    assert running.process.wait(10) == 0
    assert "killing all parts" in running.output
    assert gone(processes)


def test_in_the_background(tmp_path: Path) -> None:
    folder = ("--state-dir", str(tmp_path / "state"))
    started = krake("up", *folder, "--free-ports", "--detach")
    assert started.returncode == 0, started.stderr
    assert "Krake is ready.\n  API  " in started.stdout
    assert krake("status", *folder).returncode == 0
    stopped = krake("down", *folder)
    assert stopped.returncode == 0
    assert "has stopped" in stopped.stdout
    assert "does not run" in krake("down", *folder).stdout
    assert not [
        p for p in psutil.process_iter(["cmdline"]) if str(tmp_path) in " ".join(p.info["cmdline"] or [])
    ]

"""`krake sandbox` and `krake servers`, as a person runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from krake.embedded.binaries import SERVERS, TEST_SERVERS


class Krake:
    """Runs `krake` with a state folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"KRAKE_STATE_DIR": str(self.folder), "COLUMNS": "200"}
        command = [sys.executable, "-m", "krake", *arguments]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    def done(self, *arguments: str) -> str:
        """The output of a command that succeeds."""
        answer = self(*arguments)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    def error(self, *arguments: str) -> list[str]:
        """The lines that a failing command shows."""
        answer = self(*arguments)
        assert answer.returncode == 1, answer
        return answer.stderr.splitlines()


@pytest.fixture(scope="module")
def krake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Krake]:
    command = Krake(tmp_path_factory.mktemp("state"))
    made = command.done(
        "sandbox", "create", "de", "-l", "location=DE", "--label", "tier=gold", "--nodes", "1"
    )
    assert made.startswith("Sandbox de is ready at https://127.0.0.1:")
    yield command
    assert command.done("sandbox", "delete", "de") == "Sandbox de is deleted\n"
    assert list((command.folder / "sandboxes").iterdir()) == []


def test_list(krake: Krake) -> None:
    (row,) = json.loads(krake.done("sandbox", "list", "-o", "json"))
    assert row["address"].startswith("https://127.0.0.1:")
    assert (row["name"], row["state"], row["nodes"]) == ("de", "running", 1)
    assert row["labels"] == {"location": "DE", "tier": "gold"}
    table = krake.done("sandbox", "list")
    assert all(word in table for word in ("de", "running", "location=DE", row["address"]))


def test_kubeconfig(krake: Krake) -> None:
    path = Path(krake.done("sandbox", "kubeconfig", "de", "--path").rstrip("\n"))
    assert krake.done("sandbox", "kubeconfig", "de") == path.read_text()
    assert yaml.safe_load(path.read_text())["current-context"] == "de"


def test_stop_and_start(krake: Krake) -> None:
    assert krake.done("sandbox", "stop", "de") == "Sandbox de is stopped\n"
    assert json.loads(krake.done("sandbox", "list", "-o", "json"))[0]["state"] == "stopped"
    assert krake.done("sandbox", "start", "de").startswith("Sandbox de is ready at")


def test_errors_are_two_or_three_lines(krake: Krake) -> None:
    assert krake.error("sandbox", "create", "de") == [
        "Error: Sandbox de exists already",
        "Take another name, or `krake sandbox delete de` first",
    ]
    assert krake.error("sandbox", "delete", "it") == [
        "Error: There is no sandbox it",
        "Sandboxes here: de",
    ]
    assert krake.error("sandbox", "create", "Big")[0] == "Error: A sandbox's name cannot be 'Big'"
    wrong = krake("sandbox", "create", "it", "-l", "location")
    assert wrong.returncode == 2
    assert "'location' is not KEY=VALUE" in wrong.stderr


def test_servers_shows_each_with_its_pin_and_place(krake: Krake) -> None:
    rows = json.loads(krake.done("servers", "-o", "json"))
    assert [row["name"] for row in rows] == [binary.name for binary in SERVERS]
    assert all(Path(row["path"]).is_file() and row["version"].startswith("v") for row in rows)
    assert "kube-apiserver" in krake.done("servers")
    rows = json.loads(krake.done("servers", "--tests", "-o", "json"))
    assert [row["name"] for row in rows] == [binary.name for binary in TEST_SERVERS]

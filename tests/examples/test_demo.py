"""The demo, as `make demo` plays it: on real servers, again on what runs, and after an interruption."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIMIT = 400.0
AGAIN_LIMIT = 60.0


def demo(state_dir: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "examples.demo", "--state-dir", str(state_dir), *options]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


@pytest.fixture(scope="module")
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of all runs; everything in it is stopped afterwards."""
    folder = tmp_path_factory.mktemp("demo")
    yield folder
    process = demo(folder, "--down")
    output, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, output


@pytest.mark.timeout(2 * LIMIT)
def test_the_demo_succeeds_twice_and_after_a_crash(state_dir: Path) -> None:
    first = demo(state_dir, "--free-ports")
    output, _ = first.communicate(timeout=LIMIT)
    assert first.returncode == 0, output
    assert "✔ its objects are gone from demo-de" in output

    crashing = demo(state_dir, "--free-ports")
    assert crashing.stdout is not None
    for line in crashing.stdout:
        if "✔ it is RUNNING" in line:
            crashing.kill()
            break
    crashing.wait()

    started = time.monotonic()
    again = demo(state_dir, "--free-ports")
    output, _ = again.communicate(timeout=LIMIT)
    assert again.returncode == 0, output
    assert "Removing echo-demo of a former run" in output
    assert time.monotonic() - started < AGAIN_LIMIT

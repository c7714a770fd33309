"""The Python environment that the Dockerfile describes, made by its own RUN lines."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def find_uv() -> str:
    """The uv of the Makefile: one on the PATH that works, else its own."""
    on_path = shutil.which("uv")
    if on_path and subprocess.run([on_path, "--version"], capture_output=True, check=False).returncode == 0:
        return on_path
    own = ROOT / ".uv" / "bin" / "uv"
    assert own.exists(), "`make setup` provides uv"
    return str(own)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The environment, made from only the files that the Dockerfile copies."""
    source, target = tmp_path_factory.mktemp("src"), tmp_path_factory.mktemp("opt") / "krake"
    stage = DOCKERFILE.partition("AS build")[2].partition("\nFROM")[0]
    settings = dict(re.findall(r"(UV_\w+)=(\S+)", stage)) | {"UV_PROJECT_ENVIRONMENT": str(target)}
    # Twenty seconds of two processors, and nothing here runs often enough to gain by it.
    settings["UV_COMPILE_BYTECODE"] = "0"
    environment = {key: value for key, value in os.environ.items() if key not in ("VIRTUAL_ENV", "UV_PYTHON")}
    for line in stage.splitlines():
        instruction, _, rest = line.partition(" ")
        if instruction == "COPY":
            *names, folder = rest.split()
            copy([ROOT / name for name in names], source / folder)
        elif rest.startswith("uv "):
            command = [find_uv(), *rest.split()[1:]]
            done = subprocess.run(
                command, cwd=source, env=environment | settings, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
    return target


def copy(origins: list[Path], target: Path) -> None:
    """As COPY does: the contents of a folder, or files into a folder."""
    for origin in origins:
        if origin.is_dir():
            shutil.copytree(origin, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(origin, target)


def run(image: Path, *command: str) -> str:
    """What a program of the environment prints, away from the source."""
    path = f"{image / 'bin'}:{os.environ['PATH']}"
    done = subprocess.run(
        [str(image / "bin" / command[0]), *command[1:]],
        cwd=image.parent,
        env={"PATH": path, "HOME": str(image.parent), "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_both_commands_run(image: Path) -> None:
    assert re.search(r"^krake +2\.", run(image, "krake", "version"), re.MULTILINE)
    assert "krake bootstrap" in run(image, "krake", "--help")
    assert "Usage: rok" in run(image, "rok", "--help")


def test_processes_can_be_loaded(image: Path) -> None:
    run(image, "python", "-c", "import api.server, worker.serve, krake.store.migrate")


def test_the_package_is_complete_without_the_source(image: Path) -> None:
    where = "import krake.embedded as e, pathlib; print(pathlib.Path(e.__file__).parent)"
    embedded = Path(run(image, "python", "-c", where).strip())
    assert embedded.is_relative_to(image)
    assert (embedded / "tools" / "temporal" / "go.sum").is_file()
    run(image, "krake", "db", "upgrade")


def test_development_tools_are_left_out(image: Path) -> None:
    assert not (image / "bin" / "pytest").exists()


def test_nothing_runs_as_root_and_bases_are_pinned() -> None:
    final = DOCKERFILE.rpartition("\nFROM")[2]
    assert re.search(r"^USER [1-9]\d+", final, re.MULTILINE)
    for image_name in re.findall(r"^ARG PYTHON_IMAGE=(\S+)", DOCKERFILE, re.MULTILINE):
        assert re.fullmatch(r"python:3\.\d+\.\d+-\S+", image_name)

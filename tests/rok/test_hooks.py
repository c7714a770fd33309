"""`rok kube app` and hooks: the options, and `retry`."""

from __future__ import annotations

import pytest

from rok.hooks import fold
from tests.rok.cli import Rok
from tests.rok.server import Lifecycle

CREATE = ("kube", "app", "create", "shop", "-o", "json", "-f")
UPDATE = ("kube", "app", "update", "shop", "-o", "json")


@pytest.mark.parametrize(
    ("words", "folded"),
    [
        (["30", "shop"], ["30", "shop"]),
        (["30", "delete", "shop"], ["30,delete", "shop"]),
        (["30", "give_up", "2", "shop", "3"], ["30,give_up,2", "shop", "3"]),
        (["30", "2", "-f", "x"], ["30,2", "-f", "x"]),
        ([], []),
    ],
)
def test_the_words_of_a_shutdown_are_one_value(words: list[str], folded: list[str]) -> None:
    assert fold(["create", "--hook-shutdown", *words]) == ["create", "--hook-shutdown", *folded]
    assert fold(["--", "--hook-shutdown", "1", "delete"]) == ["--", "--hook-shutdown", "1", "delete"]


def test_hooks_are_given_shown_added_and_taken_away(rok: Rok, manifest: str) -> None:
    spec = rok(*CREATE, manifest, "--hook-shutdown", "60", "give_up", "2").ok().json["spec"]
    assert (spec["hooks"], spec["shutdown_grace_time"]) == (["shutdown"], 60)
    assert (spec["shutdown_failure_strategy"], spec["shutdown_retry_count"]) == ("give_up", 2)
    assert "shutdown (grace 60, strategy give_up, retries 2)" in rok("kube", "app", "get", "shop").ok().out

    spec = rok(*UPDATE, "--hook-complete").ok().json["spec"]
    assert (spec["hooks"], spec["shutdown_grace_time"]) == (["complete", "shutdown"], 60)
    spec = rok(*UPDATE, "-l", "a=1").ok().json["spec"]
    assert spec["hooks"] == ["complete", "shutdown"]
    spec = rok(*UPDATE, "--remove-existing-hooks", "--hook-complete").ok().json["spec"]
    assert spec["hooks"] == ["complete"]
    spec = rok(*UPDATE, "--remove-existing-hooks").ok().json["spec"]
    assert spec["hooks"] == []


@pytest.mark.parametrize(
    ("words", "says"),
    [(("soon",), "number of seconds"), (("0",), "number of seconds"), (("5,keep",), "neither give_up")],
)
def test_what_is_wrong_with_a_shutdown_is_said(
    rok: Rok, manifest: str, words: tuple[str, ...], says: str
) -> None:
    answer = rok(*CREATE, manifest, "--hook-shutdown", *words)
    assert answer.code == 2
    assert says in " ".join(answer.err.split())


async def test_retry(rok: Rok, lifecycle: Lifecycle, manifest: str) -> None:
    rok(*CREATE, manifest).ok()
    answer = rok("kube", "app", "retry", "shop")
    assert answer.code != 0
    assert "No migration or deletion retry needed" in answer.err
    await lifecycle.write("Application", "shop", state="FAILED", reason={"code": "NOT_READY", "message": "x"})
    assert rok("kube", "app", "retry", "shop", "-o", "json").ok().json["status"]["state"] == "PENDING"
    assert rok("kube", "app", "retry", "ghost").code == 3

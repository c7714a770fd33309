"""Logs: one format for everything a process says, and no secrets in it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from krake.logging import configure
from krake.settings import Settings


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Leave logging as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def entries(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The lines that were logged as JSON."""
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_json_lines_of_krake_and_of_libraries_look_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Settings(log_format="json"), "worker")
    structlog.get_logger("krake.test").info("deployed", workflow_id="application/a/b", attempt=2)
    logging.getLogger("temporalio.worker").warning("slow %s", "poll", extra={"queue": "krake"})
    logging.getLogger("sqlalchemy").debug("hidden")
    ours, theirs = entries(capsys)
    assert (ours["event"], ours["workflow_id"], ours["attempt"]) == ("deployed", "application/a/b", 2)
    assert (theirs["event"], theirs["queue"], theirs["level"]) == ("slow poll", "krake", "warning")
    assert ours["process"] == theirs["process"] == "worker"
    assert ours["timestamp"].endswith("Z")


def test_exception_is_one_json_entry(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Settings(log_format="json"), "api")
    try:
        raise ValueError("wrong")
    except ValueError:
        structlog.get_logger("krake.test").exception("failed")
    (entry,) = entries(capsys)
    assert "ValueError: wrong" in entry["exception"]


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_secrets_are_withheld(capsys: pytest.CaptureFixture[str], log_format: str) -> None:
    configure(Settings.model_validate({"log_format": log_format}), "api")
    secret = "s3cr3t"
    structlog.get_logger("krake.test").warning("oops", kubeconfig={"token": secret}, token=secret)
    try:
        local = secret * 2
        raise RuntimeError("broken")
    except RuntimeError:
        structlog.get_logger("krake.test").exception("failed", size=len(local))
    shown = capsys.readouterr().err
    assert "<withheld>" in shown
    assert secret not in shown


def test_level(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Settings(log_level="WARNING"), "api")
    structlog.get_logger("krake.test").info("quiet")
    logging.getLogger("any").info("quiet")
    assert capsys.readouterr().err == ""


def test_what_is_logged_writes_no_lines_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    configure(Settings(log_format="console"), "api")
    forged = "/x\n2026-01-01 [info] granted\x1b[2J\u202e\x9b"
    structlog.get_logger("krake.test").info("request", path=forged)
    logging.getLogger("any").warning("got %s", forged)
    shown = capsys.readouterr().err
    assert len(shown.splitlines()) == 2
    assert "\\n2026-01-01 [info] granted\\x1b[2J\\u202e\\x9b" in shown
    try:
        raise ValueError("wrong")
    except ValueError:
        structlog.get_logger("krake.test").exception("failed")
    assert "\nValueError: wrong" in capsys.readouterr().err

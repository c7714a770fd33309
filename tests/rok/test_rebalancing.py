"""How a look at all applications is shown; tests/e2e has it made."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from krake.models.metadata import ResourceRef
from krake.models.rebalance import DueMove, FitsNowhere, HeldBack, RebalanceReport
from rok.errors import ExitCode
from rok.rebalancing import text_of
from rok.session import Session
from tests.rok.cli import Rok

SHOP = ResourceRef(api="kubernetes", kind="Application", namespace="testing", name="shop")


@pytest.fixture
def report() -> RebalanceReport:
    """A report with something of everything."""
    return RebalanceReport(
        dry_run=True,
        at=datetime.now(UTC),
        moves=[DueMove(application=SHOP, cause="improve", source="de", target="it", score=0.818, gain=0.636)],
        moving=3,
        held=[HeldBack(application=SHOP, cause="improve", cluster="de", held="margin", why="too little")],
        held_by={"margin": 1},
        nowhere=[FitsNowhere(application=SHOP)],
        unplaced=1,
        summary="the end",
    )


def test_a_dry_run_says_who_would_move_and_what_each_gains(report: RebalanceReport) -> None:
    shown = text_of(Session(), report.model_dump(mode="json"))
    assert "Would be placed or moved, 1 of 3 shown:" in shown
    (row,) = [line for line in shown.splitlines() if "0.64" in line]
    assert [cell.strip() for cell in row.strip("|").split("|")] == [
        "testing/shop",
        "de",
        "it",
        "improve",
        "0.82",
        "0.64",
    ]
    assert "too little" in shown
    assert "rok kube app" in shown
    assert shown.endswith("the end")


def test_what_was_done_has_an_outcome(report: RebalanceReport) -> None:
    report.dry_run, report.moves[0].outcome = False, "asked for"
    assert "asked for" in text_of(Session(), report.model_dump(mode="json"))


def test_nothing_due_is_one_line() -> None:
    empty = RebalanceReport(at=datetime.now(UTC), summary="there are no applications")
    assert text_of(Session(), empty.model_dump(mode="json")) == "there are no applications"


def test_without_temporal_it_says_so(rok: Rok) -> None:
    answer = rok("kube", "rebalance", "--dry-run")
    assert answer.code == ExitCode.SERVER
    assert "Temporal" in answer.err

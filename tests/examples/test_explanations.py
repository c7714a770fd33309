"""The page of explanations is what the code says, and no "why not" leaves anything out."""

from __future__ import annotations

from pathlib import Path

import pytest

from examples.explanations.page import page
from examples.explanations.scenario import Scenario
from examples.explanations.scenarios import SCENARIOS
from rok.explaining import candidate_lines
from scheduler.filters import FILTERS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "explanations.md"


def test_the_page_is_current() -> None:
    """`python -m examples.explanations > docs/reference/explanations.md` makes it."""
    assert PAGE.read_text() == page()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.title)
def test_every_refusal_shows_cluster_filter_and_what_was_found(scenario: Scenario) -> None:
    decision = scenario.decision()
    shown = "\n".join(candidate_lines(decision.model_dump(mode="json"), wide=True))
    for one in decision.candidates:
        for verdict in one.verdicts:
            assert verdict.reason
            assert verdict.passed or f"{verdict.filter}: {verdict.reason}" in shown
        assert f"| {one.cluster.name} " in shown
        if not decision.chosen:
            assert f"{one.cluster.name} ({one.refusal})" in decision.summary


def test_every_filter_refuses_somewhere() -> None:
    """A new filter gets a situation on the page."""
    refusing = {
        verdict.filter
        for scenario in SCENARIOS
        for one in scenario.decision().candidates
        for verdict in one.verdicts
        if not verdict.passed
    }
    assert {filter_.name for filter_ in FILTERS} | {"staying"} <= refusing
    assert len(SCENARIOS) >= 24

"""The page of all explanations, as `rok kube app explain -o wide` writes them."""

from __future__ import annotations

from examples.explanations.scenario import Scenario
from examples.explanations.scenarios import SCENARIOS
from rok.explaining import candidate_lines

_HEAD = """\
<!-- Made by `python -m examples.explanations > docs/reference/explanations.md`; a test keeps it current. -->

# Explanations by example

What `rok kube app explain shop -o wide` says in all sorts of situations: the sentence that is also the
reason of a PENDING application, and every cluster with its verdict. Each "why not" names the filter, what
was found and what was wanted. How it is decided is in [placement](placement.md).
"""


def page() -> str:
    """The whole page."""
    parts = [_HEAD]
    parts += [f"\n## {number}. {one.title}\n\n{_shown(one)}\n" for number, one in enumerate(SCENARIOS, 1)]
    return "".join(parts)


def _shown(scenario: Scenario) -> str:
    lines = "\n".join(candidate_lines(scenario.decision().model_dump(mode="json"), wide=True))
    return f"{scenario.story}\n\n```\n{lines}\n```"

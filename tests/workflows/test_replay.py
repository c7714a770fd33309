"""Saved histories of real runs replay: a run that is open when a new release starts goes on with it."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Iterator
from typing import Any

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer
from temporalio.workflow import NondeterminismError

from krake.messages.base import Target
from tests.workflows.histories import EXPECTED, FOLDER, load
from worker.build import workflow_runner
from workflows.registry import WORKFLOWS

SECRETS = ("kubeconfig", "BEGIN CERTIFICATE", "token", "password", "IMAGE", "spec")
MACHINE = re.compile(r"/(work|root|home|tmp|usr|var|opt)/|site-packages|\.py\b|^\d+@")


@workflow.defn(name="Application", sandboxed=False)
class Impatient:
    """Does something else first."""

    @workflow.signal(name="wake")
    def wake(self, message: dict[str, str]) -> None:
        """Ignore it."""

    @workflow.run
    async def run(self, target: Target) -> str:
        """Sleep, which the recorded lifecycle did not."""
        await workflow.sleep(1)
        return target.name


def replayer(workflows: tuple[type, ...] = WORKFLOWS) -> Replayer:
    """Replays as the worker runs."""
    return Replayer(
        workflows=workflows, data_converter=pydantic_data_converter, workflow_runner=workflow_runner()
    )


def test_there_is_a_history_of_every_workflow() -> None:
    """`python -m tests.workflows.record` makes them."""
    assert {path.stem for path in FOLDER.glob("*.json")} == set(EXPECTED)
    names = {getattr(one, "__temporal_workflow_definition").name for one in WORKFLOWS}
    assert set(EXPECTED.values()) == names


@pytest.mark.parametrize("name", EXPECTED)
async def test_it_replays(name: str) -> None:
    history = load(name)
    started = history.events[0].workflow_execution_started_event_attributes
    assert started.workflow_type.name == EXPECTED[name]
    await replayer().replay_workflow(history)


async def test_another_order_of_steps_would_be_noticed() -> None:
    """A replay that cannot fail would prove nothing."""

    with pytest.raises(NondeterminismError):
        await replayer((Impatient,)).replay_workflow(load("application-deploy"))


def texts(value: Any) -> Iterator[str]:
    """Every text of a history, with payloads decoded."""
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "data" and isinstance(item, str):
                yield b64decode(item).decode(errors="replace")
            else:
                yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize("name", EXPECTED)
def test_it_tells_nothing_of_secrets_manifests_or_the_machine(name: str) -> None:
    history: WorkflowHistory = load(name)
    for text in texts(json.loads(history.to_json())):
        assert not MACHINE.search(text), text
        assert not any(f'"{secret}"' in text for secret in SECRETS), text


@pytest.mark.parametrize("name", EXPECTED)
def test_it_is_short(name: str) -> None:
    """Operators read histories, and Temporal keeps them all: what grows with objects or time is a defect."""
    assert len(load(name).events) < 60

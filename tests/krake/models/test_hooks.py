"""The fields of hooks in an application's spec."""

from __future__ import annotations

from typing import Any

import pytest

from krake.models.application import Application
from tests.krake.models.documents import application, errors


def test_hooks_are_taken_as_the_original_clients_send_them() -> None:
    spec = {
        "hooks": ["complete", "shutdown", "complete"],
        "shutdown_grace_time": 60,
        "shutdown_failure_strategy": "delete",
        "shutdown_retry_count": 0,
    }
    shown = Application.model_validate(application(**spec)).model_dump(mode="json")["spec"]
    assert {key: shown[key] for key in spec} == {**spec, "hooks": ["complete", "shutdown"]}


@pytest.mark.parametrize(
    ("field", "value", "path"),
    [
        ("hooks", ["restart"], "spec.hooks.0"),
        ("hooks", [["complete"]], "spec.hooks.0"),
        ("hooks", "complete", "spec.hooks"),
        ("shutdown_grace_time", 0, "spec.shutdown_grace_time"),
        ("shutdown_grace_time", 10**12, "spec.shutdown_grace_time"),
        ("shutdown_failure_strategy", "explode", "spec.shutdown_failure_strategy"),
        ("shutdown_retry_count", -1, "spec.shutdown_retry_count"),
    ],
)
def test_what_does_not_fit_is_named(field: str, value: Any, path: str) -> None:
    assert list(errors(Application, application(**{field: value}))) == [path]

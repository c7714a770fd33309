"""What clusters are called at clouds, and what is said of providers to those who write one."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from krake.provisioning.provider import ClusterProvider, WantedCluster, tag_of
from tests.activities.openstack.access import access_to

UID = "0b54b3e8-91c2-4d4f-8a66-7f1f6d9e7c11"


@pytest.mark.parametrize(
    ("namespace", "name"),
    [("testing", "edge"), ("system:admin", "Edge_1.x"), ("n" * 200, "c" * 200), ("-", "-")],
)
def test_names_are_fit_for_hosts_and_end_with_the_uid(namespace: str, name: str) -> None:
    called = WantedCluster(UID, namespace, name).cloud_name
    assert re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", called), called
    assert called.endswith("-krake-0b54b3e8") or called.endswith("krake-0b54b3e8")


def test_the_tag_holds_the_whole_uid() -> None:
    assert WantedCluster(UID, "testing", "edge").tag == tag_of(UID) == f"krake-{UID}"


def test_the_how_to_names_every_call_as_it_is() -> None:
    page = Path(__file__).parents[3] / "docs" / "how-to" / "write-a-provider.md"
    code = page.read_text().partition("```python\n")[2].partition("```")[0]
    found: dict[str, Any] = {}
    exec(code, found)
    options = {"url": "https://metal.example.org"}
    access = access_to({"custom": {"options": {}}}, {"custom": {"options": options}})
    assert _calls(type(found["metal_provider"](access))) == _calls(ClusterProvider)


def _calls(provider: type) -> dict[str, list[tuple[str, Any]]]:
    """The calls with the names and types of what they take and give."""
    found = inspect.getmembers(provider, lambda member: inspect.iscoroutinefunction(member))
    return {name: [*inspect.get_annotations(call, eval_str=True).items()] for name, call in found}

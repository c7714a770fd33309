"""What clusters are called at clouds."""

from __future__ import annotations

import re

import pytest

from krake.provisioning.provider import WantedCluster, tag_of

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

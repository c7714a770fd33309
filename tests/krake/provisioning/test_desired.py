"""How a made cluster differs from what is desired."""

from __future__ import annotations

from typing import Any

import pytest

from krake.provisioning.desired import changed_for_good, has_to_scale, has_to_upgrade, is_made, wanted_of


def machines(**fields: Any) -> dict[str, Any]:
    """A cluster's spec."""
    return {"infrastructure": {"nodes": 2, "control_plane_nodes": 1, "flavor": "small", **fields}}


def template(**outputs: Any) -> dict[str, Any]:
    """A cluster's spec with a TOSCA template."""
    return {"tosca": {"topology_template": {"outputs": {"kubeconfig": {}, **outputs}}}}


def test_registered_clusters_are_not_made() -> None:
    assert not is_made({"kubeconfig": {"clusters": []}, "tosca": {}, "infrastructure": None})
    assert is_made(machines())
    assert is_made(template())


@pytest.mark.parametrize(
    ("changed", "scales", "upgrades"),
    [
        ({}, False, False),
        ({"heal": True}, False, False),
        ({"nodes": 3}, True, False),
        ({"nodes": 0}, True, False),
        ({"kubernetes_version": "v1.34.0"}, False, True),
        ({"template": "newer"}, False, True),
        ({"nodes": 3, "kubernetes_version": "v1.34.0"}, True, True),
    ],
)
def test_what_has_to_be_changed(changed: dict[str, Any], scales: bool, upgrades: bool) -> None:
    applied, wanted = wanted_of(machines()), wanted_of(machines(**changed))
    assert (has_to_scale(applied, wanted), has_to_upgrade(applied, wanted)) == (scales, upgrades)


def test_another_template_is_applied_as_scaling_is() -> None:
    applied, wanted = wanted_of(template()), wanted_of(template(more={}))
    assert has_to_scale(applied, wanted)
    assert not has_to_upgrade(applied, wanted)
    assert not has_to_scale(applied, wanted_of(template()))


def test_what_machines_are_cannot_be_changed() -> None:
    assert changed_for_good(machines(), machines(nodes=5, heal=True)) == []
    assert changed_for_good(machines(), machines(flavor="big", image="new")) == ["flavor", "image"]

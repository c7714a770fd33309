"""Which releases of k3s are meant, and from which to which a cluster goes."""

from __future__ import annotations

import pytest

from activities.openstack.k3s.releases import DEFAULT_RELEASE, check_upgrade, release_of
from krake.provisioning.provider import ProviderError


@pytest.mark.parametrize(
    ("version", "release"),
    [
        ("1.33.4", "v1.33.4+k3s1"),
        ("v1.33.4", "v1.33.4+k3s1"),
        ("v1.33.4+k3s2", "v1.33.4+k3s2"),
        ("v1.34.0-rc1+k3s1", "v1.34.0-rc1+k3s1"),
        (DEFAULT_RELEASE, DEFAULT_RELEASE),
    ],
)
def test_a_version_means_a_release(version: str, release: str) -> None:
    assert release_of(version) == release


@pytest.mark.parametrize("version", ["1.33", "stable", "v1.33.4; reboot", "v1.33.4+rke2r1"])
def test_what_is_no_exact_release_is_refused(version: str) -> None:
    with pytest.raises(ProviderError, match="names no k3s release; a full version is needed"):
        release_of(version)


@pytest.mark.parametrize("new", ["v1.33.4+k3s1", "v1.33.9+k3s1", "v1.34.0+k3s1"])
def test_upgrades_go_up_by_one_minor_version(new: str) -> None:
    check_upgrade("v1.33.4+k3s1", new)


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ("v1.35.0+k3s1", "one minor version at a time"),
        ("v2.0.0+k3s1", "one minor version at a time"),
        ("v1.33.3+k3s1", "cannot be downgraded"),
        ("v1.32.9+k3s1", "cannot be downgraded"),
    ],
)
def test_other_upgrades_are_refused(new: str, why: str) -> None:
    with pytest.raises(ProviderError, match=why) as refused:
        check_upgrade("v1.33.4+k3s1", new)
    assert not refused.value.temporary

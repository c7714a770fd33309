"""Releases of k3s, and from which to which a cluster can be upgraded."""

from __future__ import annotations

import re

from krake.models.reasons import ReasonCode
from krake.provisioning.provider import ProviderError

DEFAULT_RELEASE = "v1.33.4+k3s1"
"""What nodes run where neither the cluster nor the infrastructure provider names a release."""

_RELEASE = re.compile(r"v?(\d+)\.(\d+)\.(\d+)((?:-rc\d+)?)(\+k3s\d+)?")


def release_of(version: str) -> str:
    """The name of the k3s release that a Kubernetes version means: `1.33.4` is `v1.33.4+k3s1`.

    Raises:
        ProviderError: it is not exact, so that nodes made later could get another one.
    """
    found = _RELEASE.fullmatch(version)
    if found is None:
        raise ProviderError(
            ReasonCode.INVALID_RESOURCE,
            f"{version} names no k3s release; a full version is needed, such as {DEFAULT_RELEASE}",
            temporary=False,
        )
    major, minor, patch, candidate, build = found.groups()
    return f"v{major}.{minor}.{patch}{candidate}{build or '+k3s1'}"


def check_upgrade(old: str, new: str) -> None:
    """Kubernetes supports going up by one minor version at a time.

    Raises:
        ProviderError: the upgrade goes down, or skips a minor version.
    """
    before, after = _numbers(old), _numbers(new)
    if after < before:
        why = "Kubernetes cannot be downgraded"
    elif after[0] != before[0] or after[1] > before[1] + 1:
        why = "Kubernetes is upgraded by one minor version at a time"
    else:
        return
    raise ProviderError(ReasonCode.RECONFIGURE_FAILED, f"{old} cannot become {new}: {why}", temporary=False)


def _numbers(release: str) -> tuple[int, int, int]:
    found = _RELEASE.fullmatch(release)
    assert found is not None, release
    return int(found[1]), int(found[2]), int(found[3])

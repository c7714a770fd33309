"""What providers are made of in tests."""

from __future__ import annotations

from typing import Any

from krake.provisioning.provider import ProviderAccess


class Memory:
    """A vault for one test."""

    def __init__(self) -> None:
        self._secrets: dict[str, bytes] = {}

    async def get(self, name: str) -> bytes | None:
        """What was put last."""
        return self._secrets.get(name)

    async def put(self, name: str, value: bytes) -> None:
        """Keep it."""
        self._secrets[name] = value


def access_to(
    cloud: dict[str, Any], provider: dict[str, Any], *, clouds_file: str = "", timeout: float = 60.0
) -> ProviderAccess:
    """Access with a vault of its own."""
    return ProviderAccess(cloud, provider, Memory(), clouds_file=clouds_file, timeout=timeout)


def openstack_at(url: str, **auth: Any) -> dict[str, Any]:
    """The spec of an OpenStack cloud at the address; by a password if nothing is given."""
    known = {
        "type": "password",
        "password": {"user": {"username": "demo", "password": "hush-hush"}, "project": {"name": "demo"}},
    }
    part = {"url": url, "auth": auth or known, "infrastructure_provider": {"name": "magnum"}}
    return {"type": "openstack", "openstack": part}

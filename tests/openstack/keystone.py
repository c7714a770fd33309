"""A real Keystone, and a client of its administrator."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from krake.embedded.ports import free_port
from tests.openstack.configuration import KEYSTONE
from tests.openstack.environments import OPENSTACK, python, require
from tests.openstack.processes import SECONDS, command, make_database, serving

PASSWORD = "secret"
REGION = "RegionOne"
SERVE = Path(__file__).with_name("serve.py")
PREPARE = Path(__file__).with_name("prepare_keystone.py")


@dataclass
class Keystone:
    """A running Keystone, and a client of its administrator."""

    url: str
    http: httpx.AsyncClient

    async def log_in(self, name: str, domain: str = "default", scope: str = "") -> str:
        """A token of a user, for the project `scope` of the default domain."""
        user = {"name": name, "domain": {"id": domain}, "password": PASSWORD}
        auth: dict[str, Any] = {"identity": {"methods": ["password"], "password": {"user": user}}}
        if scope:
            auth["scope"] = {"project": {"name": scope, "domain": {"id": "default"}}}
        answer = await self.http.post("/auth/tokens", json={"auth": auth})
        answer.raise_for_status()
        return str(answer.headers["X-Subject-Token"])

    async def create(self, token: str, plural: str, **fields: Any) -> str:
        """Create something in an administrator's name; its id."""
        word = plural.rpartition("/")[2].removesuffix("s")
        answer = await self.http.post(f"/{plural}", json={word: fields}, headers={"X-Auth-Token": token})
        answer.raise_for_status()
        return str(answer.json()[word]["id"])

    async def find(self, token: str, plural: str, name: str) -> str:
        """The id of what has this name."""
        answer = await self.http.get(f"/{plural}?name={name}", headers={"X-Auth-Token": token})
        return str(answer.raise_for_status().json()[plural][0]["id"])

    async def grant(self, token: str, project: str, user: str, role: str) -> None:
        """Give a user a role in a project, all by their ids."""
        path = f"/projects/{project}/users/{user}/roles/{role}"
        (await self.http.put(path, headers={"X-Auth-Token": token})).raise_for_status()

    async def revoke(self, token: str) -> None:
        """End a token before its time."""
        headers = {"X-Auth-Token": token, "X-Subject-Token": token}
        (await self.http.delete("/auth/tokens", headers=headers)).raise_for_status()


@asynccontextmanager
async def running_keystone(folder: Path) -> AsyncIterator[Keystone]:
    """The server, with its administrator `admin` in the project `admin`; ended afterwards."""
    environment = require(OPENSTACK)
    port = free_port("127.0.0.1")
    url = f"http://127.0.0.1:{port}/v3"
    await _prepare(environment, folder, url)
    words: list[str | Path] = [*python(environment), SERVE, "keystone.wsgi.api", str(port)]
    variables = {"OS_KEYSTONE_CONFIG_FILES": str(folder / "keystone.conf")}
    async with (
        serving(words, folder / "keystone.log", url, variables),
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=SECONDS) as http,
    ):
        yield Keystone(url, http)


async def _prepare(environment: Path, folder: Path, url: str) -> None:
    """The keys, the tables and the administrator of a new Keystone."""
    for keys in ("fernet", "credential"):
        (folder / keys).mkdir(mode=0o700)
    make_database(folder / "keystone.db")
    configuration = folder / "keystone.conf"
    configuration.write_text(KEYSTONE.format(folder=folder))
    await command([*python(environment), PREPARE, configuration, url, PASSWORD, REGION])

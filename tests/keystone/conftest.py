"""A real Keystone, in an environment of its own: `make test-keystone` makes it and names it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from getpass import getuser
from grp import getgrgid
from pathlib import Path
from typing import Any

import httpx
import pytest

from krake.embedded.ports import free_port
from tests.api.conftest import settings, sqlite_url
from tests.support.waiting import until

__all__ = ["settings", "sqlite_url"]

ENVIRONMENT = os.environ.get("KEYSTONE_ENVIRONMENT", "")
collect_ignore_glob = [] if ENVIRONMENT else ["test_*.py"]

PASSWORD = "secret"
SECONDS = 60.0
CONFIGURATION = """\
[database]
connection = sqlite:///{folder}/keystone.db
[token]
provider = fernet
[fernet_tokens]
key_repository = {folder}/fernet
[fernet_receipts]
key_repository = {folder}/fernet
[credential]
key_repository = {folder}/credential
[identity]
password_hash_rounds = 4
[cache]
enabled = true
backend = oslo_cache.dict
[oslo_policy]
enforce_new_defaults = true
"""


@dataclass
class Keystone:
    """A running Keystone, its process, and a client of its administrator."""

    url: str
    process: subprocess.Popen[bytes]
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
        word = plural.removesuffix("s")
        answer = await self.http.post(f"/{plural}", json={word: fields}, headers={"X-Auth-Token": token})
        answer.raise_for_status()
        return str(answer.json()[word]["id"])

    async def revoke(self, token: str) -> None:
        """End a token before its time."""
        headers = {"X-Auth-Token": token, "X-Subject-Token": token}
        (await self.http.delete("/auth/tokens", headers=headers)).raise_for_status()


def _manage(folder: Path, *words: str) -> None:
    command = [f"{ENVIRONMENT}/bin/keystone-manage", "--config-file", str(folder / "keystone.conf"), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _prepare(folder: Path, url: str) -> None:
    """The keys, the tables and the administrator of a new Keystone."""
    for keys in ("fernet", "credential"):
        (folder / keys).mkdir(mode=0o700)
    (folder / "keystone.conf").write_text(CONFIGURATION.format(folder=folder))
    owner = ("--keystone-user", getuser(), "--keystone-group", getgrgid(os.getgid()).gr_name)
    for keys in ("fernet", "credential"):
        _manage(folder, f"{keys}_setup", *owner)
    _manage(folder, "db_sync")
    words = ["--bootstrap-password", PASSWORD, "--bootstrap-region-id", "RegionOne"]
    for kind in ("admin", "public", "internal"):
        words += [f"--bootstrap-{kind}-url", url]
    _manage(folder, "bootstrap", *words)


def _serve(folder: Path, port: int) -> subprocess.Popen[bytes]:
    command = [f"{ENVIRONMENT}/bin/python", str(Path(__file__).with_name("serve.py")), str(port)]
    variables = {**os.environ, "OS_KEYSTONE_CONFIG_FILES": str(folder / "keystone.conf")}
    with (folder / "keystone.log").open("wb") as log:
        return subprocess.Popen(command, env=variables, stdout=log, stderr=log)


@pytest.fixture(scope="session")
async def keystone(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Keystone]:
    """The server, with its administrator `admin` in the project `admin`."""
    folder, port = tmp_path_factory.mktemp("keystone"), free_port("127.0.0.1")
    url = f"http://127.0.0.1:{port}/v3"
    _prepare(folder, url)
    process = _serve(folder, port)
    try:
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=SECONDS) as http:

            async def answers() -> bool:
                assert process.poll() is None, (folder / "keystone.log").read_text()
                try:
                    return (await http.get("/")).is_success
                except httpx.TransportError:
                    return False

            await until("Keystone answers", answers, SECONDS)
            yield Keystone(url, process, http)
    finally:
        process.kill()
        process.wait()

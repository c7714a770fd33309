"""Running applications cost nothing; `make idle` shows the same for 200 of them and five minutes."""

from __future__ import annotations

import asyncio
from pathlib import Path
from uuid import uuid4

from krake.embedded.sandbox import Sandbox
from tests.idle.applications import deploy
from tests.idle.counts import SCHEDULED, count
from tests.support.servers import kubernetes_client
from tests.support.stack import Krake
from tests.support.user import User

APPLICATIONS = 10
SECONDS = 8.0
"""More than the observers' and the sweep's intervals in the tests' settings."""


async def test_nothing_is_asked_and_nothing_recorded(
    krake: Krake, sandboxes: dict[str, Sandbox], tmp_path: Path
) -> None:
    user = User(krake, f"idle-{uuid4().hex[:8]}", tmp_path)
    await deploy(krake, sandboxes["de"], user.namespace, APPLICATIONS)
    async with kubernetes_client(sandboxes["de"]) as cluster:
        before = await count([cluster], krake.client)
        await asyncio.sleep(SECONDS)
        counted = (await count([cluster], krake.client)).since(before)
    assert counted.requests == {}
    assert counted.runs.keys() <= SCHEDULED
    assert counted.events == {}
    (await user("kube", "cluster", "delete", "de", "--policy", "cascade", "--wait")).ok()

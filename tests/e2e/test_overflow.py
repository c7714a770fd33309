"""More applications than there is room for, all at the same moment, on real servers."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import httpx

from krake.embedded.sandbox import Sandbox
from tests.support.manifests import deployment
from tests.support.servers import sandbox_cluster
from tests.support.user import User
from tests.support.waiting import until

CREATED, ROOM = 30, 20
RESOURCES = {"requests": {"cpu": "1600m"}}
"""Five of them fill a node of 8 processors, ten a cluster of two nodes."""


class Fleet:
    """The applications of one namespace, through REST: as many calls at once as one likes."""

    def __init__(self, rok: User, client: httpx.AsyncClient) -> None:
        self._client = client
        self._path = f"/kubernetes/namespaces/{rok.namespace}/applications"

    async def create(self, name: str) -> None:
        """Create an application with one Pod."""
        spec = {"manifest": [deployment(name, resources=RESOURCES)]}
        document = {"metadata": {"name": name}, "spec": spec}
        (await self._client.post(self._path, json=document)).raise_for_status()

    async def statuses(self) -> list[dict[str, Any]]:
        """The status of every application."""
        answer = (await self._client.get(self._path)).raise_for_status()
        return [item["status"] for item in answer.json()["items"]]

    async def until(self, **wanted: int) -> list[dict[str, Any]]:
        """Wait until there are so many applications in each state, and none in another."""
        seen: list[dict[str, Any]] = []

        async def there() -> bool:
            seen[:] = await self.statuses()
            # Those that nothing was decided about yet are PENDING without a reason.
            decided = all(status["reason"] for status in seen if status["state"] == "PENDING")
            return decided and Counter(status["state"] for status in seen) == Counter(wanted)

        await until(f"applications are {wanted}", there, 90)
        return seen

    async def delete_all(self) -> None:
        """Delete all applications and wait until they are gone."""
        items = (await self._client.get(self._path)).raise_for_status().json()["items"]
        names = [item["metadata"]["name"] for item in items]
        await asyncio.gather(*(self._client.delete(f"{self._path}/{name}") for name in names))
        await self.until()


async def test_as_many_run_as_fit_and_the_others_start_when_a_cluster_is_added(
    newcomer: User, sandboxes: dict[str, Sandbox], name: str, tmp_path: Path
) -> None:
    rok = newcomer
    for answer in await asyncio.gather(*(rok.register(sandbox) for sandbox in sandboxes.values())):
        answer.ok()
    async with (
        sandbox_cluster(tmp_path, "ch") as added,
        rok.krake.http(timeout=60) as client,
    ):
        fleet = Fleet(rok, client)
        await asyncio.gather(*(fleet.create(f"{name}-{number}") for number in range(CREATED)))
        statuses = await fleet.until(RUNNING=ROOM, PENDING=CREATED - ROOM)
        where = Counter(status["running_on"]["name"] for status in statuses if status["state"] == "RUNNING")
        assert where == {"de": ROOM // 2, "it": ROOM // 2}
        for status in statuses:
            if status["state"] == "PENDING":
                assert status["reason"]["code"] == "NO_SUITABLE_RESOURCE"
                for cluster in ("de", "it"):
                    short = f"{cluster} (cpu: needs 1.6, free 0 of 16 (reserved 16))"
                    assert short in status["reason"]["message"]

        (await rok.register(added)).ok()
        statuses = await fleet.until(RUNNING=CREATED)
        where = Counter(status["running_on"]["name"] for status in statuses)
        assert where == {"de": ROOM // 2, "it": ROOM // 2, "ch": CREATED - ROOM}
        await fleet.delete_all()
        (await rok("kube", "cluster", "delete", "ch", "--wait")).ok()

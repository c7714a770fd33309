"""Waiting until nothing is left to do, and saying what still is when that takes too long."""

from __future__ import annotations

import asyncio
import time

from tests.chaos.client import Client
from tests.chaos.model import Model
from tests.chaos.operations import APPLICATIONS, CLUSTERS

PATIENCE = 180.0
PAUSE = 0.5


async def until_at_rest(client: Client, model: Model) -> dict[str, str]:
    """Wait until every application is as asked for; returns what is not, by name, when the time is up."""
    deadline = time.monotonic() + PATIENCE
    calm = 0
    while True:
        unrest = await _unrest(client, model)
        calm = 0 if unrest else calm + 1
        # Twice in a row: what was at rest for a moment between two operations would be a false friend.
        if calm == 2 or time.monotonic() > deadline:
            return unrest
        await asyncio.sleep(PAUSE)


async def _unrest(client: Client, model: Model) -> dict[str, str]:
    clusters = await client.list(CLUSTERS)
    unrest = {
        name: f"cluster is {item['status']['state']}"
        for name, item in clusters.items()
        if item["status"]["state"] != "ONLINE"
    }
    found = await client.list(APPLICATIONS)
    unrest |= dict.fromkeys(found.keys() - model.applications.keys(), "is still there")
    unrest |= dict.fromkeys(model.applications.keys() - found.keys(), "is lost")
    for name in model.applications.keys() & found.keys():
        status, metadata = found[name]["status"], found[name]["metadata"]
        waiting = [field for field in ("request", "migration") if status.get(field)]
        if status["state"] != "RUNNING" or waiting:
            unrest[name] = f"{status['state']} {waiting} {status['reason']} {status['message']}"
        elif status["observed_generation"] != metadata["generation"]:
            unrest[name] = f"generation {metadata['generation']} is not deployed"
    orphans = (await client.get("/core/orphans"))["items"]
    unrest |= {f"orphan {item['object_name']}": f"is left on {item['cluster']}" for item in orphans}
    return unrest

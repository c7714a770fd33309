"""One run: rounds of operations under kills, each of which ends at rest with a comparison."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import yaml

from krake.embedded.sandbox import Sandbox
from tests.chaos.client import Client
from tests.chaos.compare import compare
from tests.chaos.faults import Faults
from tests.chaos.model import Model
from tests.chaos.operations import CLUSTERS, User
from tests.chaos.rest import until_at_rest
from tests.support.kubernetes import Kubernetes, kubernetes
from tests.support.servers import sandbox_cluster
from tests.support.stack import Krake, running_krake
from tests.support.waiting import until

LOCATIONS = {"de": "DE", "fr": "FR", "it": "IT"}
ROUND = 50
"""Operations between two comparisons."""
PAUSES = (0.0, 0.6)
"""Seconds between two operations: often less than one takes, so that they meet."""
SETTINGS = {"KRAKE_OFFLINE_TOLERANCE": "5"}

Say = Callable[[str], None]


@dataclass(slots=True)
class Outcome:
    """What a run did and found."""

    operations: Counter[str] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    passed: int = 0
    failed: int = 0
    wrong: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


@asynccontextmanager
async def _servers(folder: Path) -> AsyncIterator[tuple[Krake, list[Sandbox]]]:
    async with AsyncExitStack() as stack:
        contexts = [
            sandbox_cluster(folder, name, labels={"location": location}, nodes=2)
            for name, location in LOCATIONS.items()
        ]
        sandboxes = await asyncio.gather(*(stack.enter_async_context(context) for context in contexts))
        krake = await stack.enter_async_context(running_krake(folder / "krake", SETTINGS))
        yield krake, sandboxes


async def run(folder: Path, seed: int, count: int, say: Say) -> Outcome:
    """Do `count` operations, chosen with `seed`, and compare; servers are started and stopped."""
    began = time.monotonic()
    outcome = Outcome()
    async with _servers(folder) as (krake, sandboxes), Client(krake.http(timeout=10)) as client:
        await _register(client, sandboxes)
        random = Random(seed)
        model = Model()
        user = User(random, client, model, LOCATIONS)
        faults = Faults(Random(seed + 1), krake, sandboxes, say)
        outcome.kills = faults.kills
        while count > 0 and not outcome.wrong:
            await _round(min(count, ROUND), random, user, faults, outcome, say)
            await _settle(client, model, sandboxes, outcome, say)
            count -= ROUND
    outcome.seconds = time.monotonic() - began
    return outcome


async def _register(client: Client, sandboxes: list[Sandbox]) -> None:
    for sandbox in sandboxes:
        document = {
            "api": "kubernetes",
            "kind": "Cluster",
            "metadata": {"name": sandbox.name, "labels": sandbox.spec.labels},
            "spec": {"kubeconfig": yaml.safe_load(sandbox.kubeconfig.read_text())},
        }
        await client.create(CLUSTERS, document)

    async def online() -> bool:
        found = await client.list(CLUSTERS)
        return all(item["status"]["state"] == "ONLINE" for item in found.values())

    await until("all clusters are ONLINE", online, 60)


async def _round(count: int, random: Random, user: User, faults: Faults, outcome: Outcome, say: Say) -> None:
    killing = asyncio.ensure_future(faults.run())
    try:
        for _ in range(count):
            done = await user.act()
            outcome.operations[done.partition(" ")[0]] += 1
            say(done)
            await asyncio.sleep(random.uniform(*PAUSES))
    finally:
        killing.cancel()
        await asyncio.gather(killing, return_exceptions=True)
    await faults.repair()


async def _settle(client: Client, model: Model, sandboxes: list[Sandbox], outcome: Outcome, say: Say) -> None:
    """Let everything come to rest and compare; each operation passes or fails with what it concerned."""
    for name in sorted(model.cordoned):
        await client.ask(CLUSTERS, name, "uncordon")
    model.cordoned.clear()
    wrong = await until_at_rest(client, model)
    if not wrong:
        async with AsyncExitStack() as stack:
            clusters: dict[str, Kubernetes] = {
                one.name: await stack.enter_async_context(kubernetes(one)) for one in sandboxes
            }
            wrong = await compare(client, model, clusters)
    operations = sum(model.touched.values())
    failed = sum(times for name, times in model.touched.items() if name in wrong)
    # What is wrong with something that no operation named is the fault of one of them nevertheless.
    failed = max(failed, int(bool(wrong)))
    outcome.failed += failed
    outcome.passed += operations - failed
    outcome.wrong |= wrong
    model.touched.clear()
    say(f"at rest: {len(model.applications)} applications, {len(wrong)} wrong")

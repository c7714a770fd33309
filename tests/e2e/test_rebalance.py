"""Rebalancing on real servers: a metric flips, and the application follows it, once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from krake.embedded.sandbox import Sandbox
from tests.support.manifests import deployment
from tests.support.user import User
from tests.support.waiting import until


async def on(rok: User, name: str) -> str:
    """The cluster that an application runs on; empty while it is on its way."""
    status = (await rok.seen(name))["status"]
    settled = status["state"] == "RUNNING" and not status.get("migration") and not status.get("request")
    return str(status["running_on"]["name"]) if settled else ""


async def moves(rok: User, name: str) -> int:
    """How often an application has begun to move."""
    events: dict[str, Any] = (await rok("kube", "app", "events", name, "-o", "json")).ok().json
    return sum(1 for event in events["items"] if event["type"] == "Migrating")


async def test_an_application_follows_a_flipped_metric_once_and_stays(
    newcomer: User, sandboxes: dict[str, Sandbox], name: str
) -> None:
    rok, core = newcomer, ("core", "mp")
    (await rok(*core, "create", "fixed", "--type", "static", "-m", "de", "0.9", "-m", "it", "0.1")).ok()
    for place in ("de", "it"):
        (await rok("core", "metric", "create", place, "--mp-name", "fixed", "--min", "0", "--max", "1")).ok()
        (await rok.register(sandboxes[place], "-m", place, "1")).ok()
    for place in ("de", "it"):
        # A new cluster has no values before the first sample.
        await rok.until_state(place, "ONLINE", kind="cluster")
    (await rok.create(name, deployment(name), more=("--wait",))).ok()
    assert await on(rok, name) == "de"

    def held_by(rule: str) -> Callable[[], Awaitable[bool]]:
        async def held() -> bool:
            found = (await rok("kube", "rebalance", "-o", "json")).ok().json
            rules = {item["application"]["name"]: item["held"] for item in found["held"]}
            return rules.get(name) == rule

        return held

    (await rok(*core, "update", "fixed", "-m", "de", "0.1", "-m", "it", "0.9")).ok()

    async def moved() -> bool:
        return await on(rok, name) == "it"

    await until("it has followed the metric", moved, 20)
    assert await moves(rok, name) == 1
    last = (await rok.get(name))["status"]["last_migration"]
    assert last["trigger"] == "rebalance: it is better by 0.72 than de"

    # It stays there: noise is less than the margin, and the next flip comes too soon after the move.
    (await rok(*core, "update", "fixed", "-m", "de", "0.92", "-m", "it", "0.9")).ok()
    await until("the margin holds it", held_by("margin"), 10)
    assert " would move, " in (await rok("kube", "rebalance", "--dry-run")).ok().out
    (await rok(*core, "update", "fixed", "-m", "de", "0.9", "-m", "it", "0.1")).ok()

    await until("the cool-down holds it", held_by("cool-down"), 10)
    assert (await on(rok, name), await moves(rok, name)) == ("it", 1)
    (await rok.delete(name, "--wait")).ok()


async def test_no_execute_sends_an_application_away(
    newcomer: User, sandboxes: dict[str, Sandbox], name: str
) -> None:
    rok = newcomer
    (await rok.register(sandboxes["de"])).ok()
    (await rok.create(name, deployment(name), more=("--wait",))).ok()
    (await rok.register(sandboxes["it"])).ok()
    (await rok("kube", "cluster", "taint", "de", "maintenance:NoExecute")).ok()

    async def gone() -> bool:
        return await on(rok, name) == "it"

    await until("it has left the tainted cluster", gone, 20)
    (await rok.delete(name, "--wait")).ok()

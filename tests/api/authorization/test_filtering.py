"""Filtering shows exactly what one may get one by one, whatever the roles are."""

from __future__ import annotations

import random

import pytest

from tests.api.authorization.callers import Document, Guarded, metric, rule

PLACES = ("a", "b", "c", "d-1", "d_1")
NAMES = ("x", "y")


@pytest.mark.parametrize("seed", range(2))
async def test_lists_are_what_may_be_got(guarded: Guarded, seed: int) -> None:
    chance = random.Random(seed)
    for place in PLACES:
        for name in NAMES:
            await guarded.master("POST", f"/core/namespaces/{place}/metrics", metric(name))
    for number in range(5):
        user = f"user-{number}"
        limit = chance.choice([None, None, _some(chance)])
        await guarded.grant(user, *(_rule(chance) for _ in range(chance.randint(1, 3))), namespaces=limit)
        got = [
            (place, name)
            for place in sorted(PLACES)
            for name in NAMES
            if (await guarded.ask(user, "GET", f"/core/namespaces/{place}/metrics/{name}")).status_code == 200
        ]
        assert await _listed(guarded, user) == got
        for limit_ in (1, 3):
            assert await _listed(guarded, user, limit_) == got
        async with guarded.watching(user, "/core/metrics", since=0) as watch:
            assert await watch.status() == (200 if got else 403)
            if got:
                assert sorted((place, name) for _, place, name in await watch.chunk()) == got


async def _listed(guarded: Guarded, user: str, limit: int | None = None) -> list[tuple[str, str]]:
    query: Document = {"limit": limit} if limit else {}
    shown: list[tuple[str, str]] = []
    while True:
        answer = await guarded.ask(user, "GET", "/core/metrics", **query)
        if answer.status_code == 403:
            return []
        page = answer.json()
        shown += [(item["metadata"]["namespace"], item["metadata"]["name"]) for item in page["items"]]
        query["continue"] = page["metadata"]["continue"]
        if query["continue"] is None:
            return shown


def _rule(chance: random.Random) -> Document:
    """A rule that allows to list exactly what it allows to get."""
    verbs = chance.choice(["get,list", "*", "get,list,update", "delete"])
    api, resources = chance.choice([("core", "metrics"), ("core", "*"), ("*", ""), ("core", "globalmetrics")])
    return rule(verbs, resources, _some(chance), api)


def _some(chance: random.Random) -> list[str]:
    return chance.choice([["*"], [], chance.sample(PLACES, 1), chance.sample(PLACES, 3)])

"""Applications leave a cluster that is deleted, drained, or does not answer; what they leave is collected."""

from __future__ import annotations

from krake.embedded.control_plane import APISERVER
from krake.embedded.sandbox import Sandbox
from tests.support.kubernetes import CONFIG_MAPS, Kubernetes
from tests.support.manifests import config_map, deployment
from tests.support.user import User
from tests.support.waiting import until

ONLY_IN_GERMANY = ("-L", "location is DE", "--wait")


async def on_de(rok: User, sandboxes: dict[str, Sandbox], name: str) -> None:
    """An application that runs in Germany, with another cluster in Italy."""
    (await rok.register(sandboxes["de"])).ok()
    (await rok.create(name, config_map(name), more=("--wait",))).ok()
    (await rok.register(sandboxes["it"])).ok()


async def until_on(rok: User, name: str, cluster: str, seconds: float = 30) -> None:
    """Wait until an application runs on a cluster and nothing moves any more."""

    async def there() -> bool:
        status = (await rok.seen(name))["status"]
        on = (status.get("running_on") or {}).get("name")
        return on == cluster and status["state"] == "RUNNING" and not status.get("migration")

    await until(f"{name} runs on {cluster}", there, seconds)


async def orphans(rok: User) -> list[str]:
    """The names of what was left behind in the user's namespace."""
    listing = (await rok("core", "orphan", "list", "-o", "json")).ok().json
    return [item["object_name"] for item in listing["items"]]


async def events(rok: User, name: str, kind: str = "app") -> list[str]:
    """The types of a resource's events."""
    listing = (await rok("kube", kind, "events", name, "-o", "json")).ok().json
    return [item["type"] for item in listing["items"]]


async def test_a_cluster_is_drained_and_deleted(
    newcomer: User, sandboxes: dict[str, Sandbox], de: Kubernetes, it: Kubernetes, name: str
) -> None:
    rok, pinned = newcomer, f"{name}-2"
    await on_de(rok, sandboxes, name)
    (await rok.create(pinned, config_map(pinned), more=ONLY_IN_GERMANY)).ok()
    shown = (await rok("kube", "cluster", "drain", "de", "-o", "json")).ok().json
    assert shown["spec"]["cordoned"] is True
    await until_on(rok, name, "it")
    says = f"1 of 2 applications moved; waiting for: {pinned} (fits nowhere else)"
    await rok.until_state("de", "ONLINE", kind="cluster", says=says)
    assert await de.find(f"{CONFIG_MAPS}/{pinned}") is not None
    refused = f"{name}-3"
    (await rok.create(refused, config_map(refused), more=("-L", "location is DE"))).ok()
    await rok.until_state(refused, "PENDING", says="cordoned: it takes no new applications")

    (await rok("kube", "cluster", "delete", "de", "--wait", "--timeout", "40s")).ok()
    status = await rok.until_state(pinned, "PENDING", says="NO_SUITABLE_RESOURCE")
    assert (status["scheduled_to"], status["objects"]) == (None, [])
    assert await it.find(f"{CONFIG_MAPS}/{name}") is not None
    assert [await de.find(f"{CONFIG_MAPS}/{one}") for one in (name, pinned)] == [None, None]
    assert await orphans(rok) == []
    for one in (name, pinned, refused):
        (await rok.delete(one, "--wait")).ok()


async def test_the_policies_cascade_and_orphan(
    newcomer: User, sandboxes: dict[str, Sandbox], de: Kubernetes, it: Kubernetes, name: str
) -> None:
    rok = newcomer
    await on_de(rok, sandboxes, name)
    (await rok("kube", "cluster", "delete", "de", "--policy", "orphan", "--wait", "--timeout", "30s")).ok()
    await until_on(rok, name, "it")
    assert "LetGo" in await events(rok, name)
    assert await de.find(f"{CONFIG_MAPS}/{name}") is not None
    assert await orphans(rok) == []
    await de.delete(f"{CONFIG_MAPS}/{name}")

    (await rok("kube", "cluster", "delete", "it", "--policy", "cascade", "--wait", "--timeout", "30s")).ok()
    await rok.until_gone(name)
    assert await it.find(f"{CONFIG_MAPS}/{name}") is None


async def test_what_force_leaves_is_collected_but_never_what_runs(
    newcomer: User, sandboxes: dict[str, Sandbox], de: Kubernetes, name: str
) -> None:
    rok, back = newcomer, f"{name}-2"
    (await rok.register(sandboxes["de"])).ok()
    (await rok.create(name, deployment(name), more=("--wait",))).ok()
    (await rok.create(back, config_map(back), more=("--wait",))).ok()
    uid, uid_of_back = await rok.uid(name), await rok.uid(back)
    (await rok.delete(name, "--force")).ok()
    await rok.until_gone(name, seconds=5)

    async def collected() -> bool:
        return await de.owned(uid) == [] and await orphans(rok) == []

    await until("its objects are collected", collected)
    assert "OrphansCollected" in await events(rok, "de", "cluster")

    # The other one is let go, and comes back to the same cluster under a new registration.
    live = (await de.get(f"{CONFIG_MAPS}/{back}"))["metadata"]["uid"]
    (await rok("kube", "cluster", "delete", "de", "--force")).ok()
    await rok.until_state(back, "PENDING")
    assert await orphans(rok) == [back]
    (await rok.register(sandboxes["de"])).ok()
    await until_on(rok, back, "de")
    (await rok("core", "orphan", "collect", "de", "--wait", "--timeout", "30s")).ok()
    assert (await de.get(f"{CONFIG_MAPS}/{back}"))["metadata"]["uid"] == live
    assert await de.owned(uid_of_back) == [f"configmaps/{back}"]
    (await rok.delete(back, "--wait")).ok()


async def test_a_silent_cluster_is_waited_for_and_then_left(
    newcomer: User, sandboxes: dict[str, Sandbox], de: Kubernetes, it: Kubernetes, name: str
) -> None:
    rok, fixed = newcomer, f"{name}-2"
    await on_de(rok, sandboxes, name)
    more = ("-L", "location is DE", "--disable-migration", "--wait")
    (await rok.create(fixed, config_map(fixed), more=more)).ok()
    with de.frozen(APISERVER):
        await until_says(rok, name, "cluster de is OFFLINE for")
    await until_told_of_return(rok, name)
    assert "MigrationRequested" not in await events(rok, name)

    with de.frozen(APISERVER):
        await rok.until_state("de", "OFFLINE", kind="cluster", says="its applications move in")
        await until_says(rok, name, "moves in")
        await until_says(rok, fixed, "stays, because it may not move")
        await until_on(rok, name, "it")
        assert await it.find(f"{CONFIG_MAPS}/{name}") is not None
        assert await orphans(rok) == [name]
    await until_told_of_return(rok, fixed)

    async def collected() -> bool:
        return await orphans(rok) == [] and await de.find(f"{CONFIG_MAPS}/{name}") is None

    await until("what was left is collected", collected)
    await until_on(rok, name, "it")
    assert await de.find(f"{CONFIG_MAPS}/{fixed}") is not None
    for one in (name, fixed):
        (await rok.delete(one, "--wait")).ok()


async def until_says(rok: User, name: str, words: str) -> None:
    """Wait until an application's message contains some words, whatever its state."""

    async def says() -> bool:
        return words in ((await rok.seen(name))["status"]["message"] or "")

    await until(f"{name} says {words!r}", says)


async def until_told_of_return(rok: User, name: str) -> None:
    """Wait until the cluster `de` is back, and an application on it does not speak of its outage any more."""
    status = await rok.until_state("de", "ONLINE", kind="cluster")
    assert (status["offline_since"], status["evacuates_at"]) == (None, None)

    async def told() -> bool:
        return bool((await rok.seen(name))["status"]["message"] == "")

    await until(f"{name} is told that its cluster is back", told)

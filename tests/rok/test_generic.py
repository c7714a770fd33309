"""`rok get`, `describe`, `events` and `wait` for resources of any kind, against a real API."""

from __future__ import annotations

import pytest

from tests.rok.cli import Rok
from tests.rok.server import Lifecycle


@pytest.fixture
def some(rok: Rok, manifest: str, kubeconfig: str) -> Rok:
    """Two applications, a cluster and a provider."""
    for name in ("shop", "blog"):
        rok("kube", "app", "create", "-f", manifest, name, "-l", f"team={name}").ok()
    rok("kube", "cluster", "register", "-k", kubeconfig).ok()
    rok("core", "mp", "create", "fixed", "--type", "static", "-m", "load", "0.5").ok()
    return rok


def test_get_takes_every_word_for_a_kind(some: Rok) -> None:
    for word in ("app", "apps", "ap", "application", "applications", "Application"):
        assert some("get", word, "-o", "name").ok().out == "application/blog\napplication/shop\n"
    assert some("get", "apps,cl", "-o", "name").ok().out.splitlines()[-1] == "cluster/edge"
    assert "metricsprovider/fixed" in some("get", "all", "-o", "name").ok().out


def test_get_shows_one_some_or_all(some: Rok) -> None:
    assert "| name " in some("get", "app", "shop").ok().out
    listed = some("get", "app", "shop", "blog", "-o", "json").ok().json
    assert [item["metadata"]["name"] for item in listed["items"]] == ["shop", "blog"]
    every = some("get", "all").ok().out
    assert every.startswith("applications\n+")
    assert "\n\nclusters\n+" in every
    assert some("get", "apps", "-A", "-o", "json").ok().json["kind"] == "ApplicationList"


def test_tables_fit_eighty_columns_and_names_stay_whole(some: Rok, manifest: str) -> None:
    name = "an-application-with-a-long-name"
    some("kube", "app", "create", "-f", manifest, name, "-l", "location=somewhere-in-the-middle").ok()
    shown = [
        some(*words, COLUMNS="80").ok().out
        for words in (("get", "all"), ("describe", "app", name), ("events", "app", name), ("tree",))
    ]
    assert all(name in out for out in shown[:2])
    assert max(len(line) for out in shown for line in out.splitlines()) <= 80
    assert not any("\x1b" in out for out in shown), "no colours where there is no terminal"


def test_words_that_do_not_go_together(some: Rok) -> None:
    assert some("get", "apps,clusters", "shop").code == 2
    assert some("get", "app", "shop", "-A").code == 2
    answer = some("get", "bananas")
    assert answer.code == 2
    assert "applications (app), clusters (cl)" in answer.err
    near = some("get", "app", "shpo")
    assert (near.code, "Did you mean shop?" in near.err) == (3, True)


def test_describe_and_events_of_every_kind(some: Rok) -> None:
    assert "Conditions" in some("describe", "app", "shop").ok().out
    story = some("describe", "mp", "fixed").ok().out
    assert "| type " in story
    assert "Last 1 events" in story
    assert "Created" in some("events", "cluster", "edge").ok().out
    assert some("events", "mp", "fixed", "-o", "json").ok().json["kind"] == "EventList"


async def test_events_can_be_followed(some: Rok) -> None:
    running = await some.start("events", "app", "shop", "-f")
    await running.prints("Created")
    running.interrupt()
    assert (await running.ends()).code == 130


async def test_wait_for_a_state_of_several(some: Rok, lifecycle: Lifecycle) -> None:
    running = await some.start("wait", "app", "shop", "blog", "--for", "running", "--timeout", "30s")
    await running.says("Application 'shop' PENDING")
    for name in ("shop", "blog"):
        await lifecycle.write("Application", name, state="RUNNING")
    answer = (await running.ends()).ok()
    assert "Application 'blog' is RUNNING" in answer.err
    assert "RUNNING" in answer.out


async def test_wait_for_a_condition(some: Rok, lifecycle: Lifecycle) -> None:
    await lifecycle.write("Application", "shop", state="RUNNING")
    some("wait", "app", "shop", "--for", "condition=ready").ok()
    late = some("wait", "app", "blog", "--for", "condition=Ready", "--timeout", "1s")
    assert (late.code, "is not Ready after 1s" in late.err) == (6, True)
    await lifecycle.write("Application", "blog", state="FAILED")
    failed = some("wait", "app", "blog", "--for", "condition=Ready", "--timeout", "9s")
    assert (failed.code, "Application 'blog' is FAILED" in failed.err) == (1, True)
    some("wait", "app", "blog", "--for", "failed", "--timeout", "9s").ok()


def test_wait_for_the_end(some: Rok) -> None:
    answer = some("wait", "app", "nothing", "--for", "delete").ok()
    assert "Application 'nothing' is not there" in answer.err
    assert some("wait", "app", "shop", "--for", "deleted", "--timeout", "1s").code == 6


def test_what_nothing_can_be_waited_for(some: Rok) -> None:
    for words, message in {
        ("app", "shop", "--for", "happy"): "There is no state 'happy'; there are: PENDING,",
        ("app", "shop", "--for", "condition=Happy"): "there are: Scheduled, Deployed, Ready",
        ("mp", "fixed", "--for", "running"): "one can wait for `deleted` only",
    }.items():
        answer = some("wait", *words)
        assert answer.code == 2
        assert message in " ".join(answer.err.split())


def test_selectors_narrow_what_is_shown(some: Rok) -> None:
    for words, names in {
        ("-l", "team=shop"): ["shop"],
        ("-l", "team in (shop,blog),team!=shop"): ["blog"],
        ("--field-selector", "metadata.name=shop"): ["shop"],
        ("-l", "!team"): [],
    }.items():
        listed = some("get", "apps", *words, "-o", "json").ok().json
        assert [item["metadata"]["name"] for item in listed["items"]] == names
    wrong = some("get", "apps", "-l", "team=(")
    assert (wrong.code, "label_selector" in wrong.err) == (5, True)


async def test_a_watch_shows_only_what_the_selector_takes(some: Rok, manifest: str) -> None:
    running = await some.start("get", "apps", "-l", "team=new", "-w", "-o", "json")
    some("kube", "app", "create", "-f", manifest, "other", "-l", "team=old").ok()
    some("kube", "app", "create", "-f", manifest, "wanted", "-l", "team=new").ok()
    await running.prints("wanted")
    running.interrupt()
    assert '"other"' not in (await running.ends()).out


def test_every_list_takes_selectors(some: Rok) -> None:
    def names(*arguments: str) -> list[str]:
        items = some(*arguments, "-o", "json").ok().json["items"]
        return [item["metadata"]["name"] for item in items]

    assert names("kube", "app", "list", "-l", "team in (blog)") == ["blog"]
    assert names("kube", "app", "list", "--field-selector", "metadata.name!=blog") == ["shop"]
    assert names("kube", "cluster", "list", "-l", "!nothing") == ["edge"]
    assert names("core", "mp", "list", "--selector", "nothing") == []
    assert "--selector" in some("core", "role", "list", "--help").out


async def test_events_of_a_whole_namespace(some: Rok, manifest: str) -> None:
    listing = some("events", "-o", "json").ok().json
    assert {"Application", "Cluster", "MetricsProvider"} <= {item["kind"] for item in listing["items"]}
    ids = [item["id"] for item in listing["items"]]
    assert ids == sorted(ids)
    shown = some("events").ok().out
    assert "application/shop" in shown and "Created" in shown
    assert some("events", "app").code == 2
    running = await some.start("events", "-w")
    await running.prints("application/shop Created")
    some("kube", "app", "create", "-f", manifest, "late").ok()
    await running.prints("application/late Created")
    running.interrupt()
    assert (await running.ends()).code == 130

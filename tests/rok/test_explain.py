"""`rok kube app explain` against a real API, on decisions as the worker records them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from krake.models.cluster import ClusterState
from krake.models.constraints import LabelConstraint
from krake.store import Record, Store
from scheduler.columns import Snapshot
from scheduler.decide import decide
from scheduler.record import encode
from scheduler.samples import Limits, Sample
from scheduler.snapshot import Candidate, Request
from tests.rok.cli import Rok
from tests.rok.server import Lifecycle


def _candidate(namespace: str, name: str, load: float, weight: float, location: str = "DE") -> Candidate:
    sample = Sample(raw=load, age=12.0, weight=weight, limits=Limits(0, 1))
    return Candidate(
        namespace=namespace,
        name=name,
        uid=f"uid-{name}",
        labels={"location": location},
        state=ClusterState.ONLINE,
        metrics={"load": sample},
    )


@pytest.fixture
async def shop(rok: Rok, store: Store, namespace: str, manifest: str) -> Record:
    """An application that two decisions were made about: the second has three clusters."""
    rok("kube", "app", "create", "shop", "-f", manifest).ok()
    record = await store.get("Application", namespace, "shop")
    request = Request(
        namespace=namespace,
        name="shop",
        uid=record.uid,
        labels=(LabelConstraint.parse("location is DE"),),
        current="uid-berlin",
    )
    clusters = [
        _candidate(namespace, "berlin", 0.9, 2.0),
        _candidate(namespace, "dresden", 0.5, 1.0),
        _candidate(namespace, "paris", 0.9, 1.0, "FR"),
    ]
    async with store.transaction() as transaction:
        for found in ([], clusters):
            outcome = decide(request, Snapshot(found), now=datetime.now(UTC), trigger="change of the app")
            await transaction.record_decision(record, encode(outcome))
    return record


async def test_every_cluster_is_there_with_what_it_is_worth_and_why_not(
    rok: Rok, shop: Record, namespace: str
) -> None:
    shown = rok("kube", "app", "explain", "shop", COLUMNS="80").ok().out
    assert max(map(len, shown.splitlines())) <= 80
    assert "\x1b" not in shown
    for words in (
        "Application shop goes to berlin",
        "because of: change of the app",
        "✓ chosen",
        "load 0.9 -> 0.9 x 2",
        "stickiness 1 x 0.1",
        "0.9048",
        "runner-up: lacks 0.4048",
        "load 0.5 -> 0.5 x 1",
        "labels: label location is FR,",
    ):
        assert words in shown, shown
    wide = rok("kube", "app", "explain", "shop", "-o", "wide").ok().out
    assert "(12s old)" in wide
    assert "labels: label location is FR, wanted DE" in wide

    document = rok("kube", "app", "explain", "shop", "-o", "json").ok().json
    assert [one["cluster"]["name"] for one in document["candidates"]] == ["berlin", "dresden", "paris"]
    assert document["candidates"][0]["total"] == pytest.approx(1.9 / 2.1)


async def test_an_earlier_decision_and_one_that_is_not_there(
    rok: Rok, shop: Record, store: Store, lifecycle: Lifecycle
) -> None:
    newest, first = [head["id"] for head in await store.decision_heads(shop.uid, 10)]
    earlier = rok("kube", "app", "explain", "shop", "--decision", str(first)).ok().out
    assert "Application shop fits nowhere" in earlier
    assert f"Decision {first}" in earlier
    missing = rok("kube", "app", "explain", "shop", "--decision", str(newest + 1000))
    assert missing.code == 3
    assert "keeps no decision" in missing.err
    assert f"The newest one is {newest}" in missing.err
    await lifecycle.remove("Application", "shop")
    assert "goes to berlin" in rok("kube", "app", "explain", "shop").ok().out
    assert rok("kube", "app", "explain", "sho").code == 3


async def test_who_waits_for_a_cluster_is_told_what_explains_it(
    rok: Rok, manifest: str, lifecycle: Lifecycle, namespace: str
) -> None:
    rok("kube", "app", "create", "shop", "-f", manifest).ok()
    undecided = rok("kube", "app", "explain", "shop")
    assert undecided.code == 3
    assert "Nothing was decided" in undecided.err
    assert "explain" not in rok("kube", "app", "get", "shop").ok().out
    reason = {"code": "NO_SUITABLE_RESOURCE", "message": "no cluster fits"}
    await lifecycle.write("Application", "shop", reason=reason)
    shown = rok("kube", "app", "get", "shop").ok().out
    assert "no cluster fits" in shown
    assert f"rok kube app explain shop -n {namespace}" in shown


async def test_a_dry_run_and_a_what_if_store_nothing(
    rok: Rok, manifest: str, store: Store, namespace: str
) -> None:
    shown = rok("kube", "app", "create", "shop", "-f", manifest, "--dry-run").ok().out
    assert "Application shop fits nowhere" in shown
    assert "because of: dry run of a creation" in shown
    assert rok("kube", "app", "get", "shop").code == 3

    rok("kube", "app", "create", "shop", "-f", manifest).ok()
    change = ("kube", "app", "update", "shop", "-L", "location is DE", "--dry-run", "-o", "json")
    assert rok(*change).ok().json["resource"]["metadata"]["generation"] == 2
    assert (await store.get("Application", namespace, "shop")).generation == 1

    wrong = rok("kube", "app", "explain", "shop", "--cordon", "never")
    assert wrong.code > 1
    assert "There is no cluster 'never'" in wrong.err
    assert "CLUSTER.METRIC=VALUE" in rok("kube", "app", "explain", "shop", "--set-metric", "load=1").err
    assert "is no number" in rok("kube", "app", "explain", "shop", "--weight", "load=much").err

"""`rok kube cluster taint`, `top` and `describe` against a real API."""

from __future__ import annotations

from datetime import UTC, datetime

from krake.models.samples import Measured
from krake.store import Store
from tests.rok.cli import Rok
from tests.rok.server import Lifecycle
from tests.support.store import add

NODE = {
    "metadata": {"name": "n1"},
    "status": {
        "conditions": [{"type": "Ready", "status": "True"}],
        "allocatable": {"cpu": "4", "memory": "8Gi"},
    },
}


def taints(rok: Rok) -> list[str]:
    """The cluster's taints."""
    spec = rok("kube", "cluster", "get", "edge", "-o", "json").ok().json["spec"]
    return [f"{one['key']}={one['value']}:{one['effect']}" for one in spec["taints"]]


def test_taints_are_added_replaced_and_removed(rok: Rok, kubeconfig: str) -> None:
    rok("kube", "cluster", "register", "-k", kubeconfig).ok()
    command = ("kube", "cluster", "taint", "edge")
    shown = rok(*command, "gpu=a100:NoSchedule", "old:PreferNoSchedule", "old:NoSchedule").ok().out
    assert "gpu=a100:NoSchedule" in shown
    rok(*command, "gpu=h100:NoSchedule", "old:NoSchedule-").ok()
    assert taints(rok) == ["old=:PreferNoSchedule", "gpu=h100:NoSchedule"]
    rok(*command, "old-", "gpu=h100:NoSchedule-").ok()
    assert taints(rok) == []
    assert "is neither KEY[=VALUE]:EFFECT" in rok(*command, "gpu").err
    rok(*command, "gpu:NoExecute").ok()
    assert taints(rok) == ["gpu=:NoExecute"]
    refused = rok(*command, "gpu:NoSuchEffect")
    assert refused.code > 1
    assert "spec.taints[1].effect" in refused.err


async def test_top_and_describe_show_the_room(
    rok: Rok, kubeconfig: str, store: Store, lifecycle: Lifecycle, namespace: str
) -> None:
    rok("kube", "cluster", "register", "-k", kubeconfig).ok()
    await lifecycle.write("Cluster", "edge", state="ONLINE", nodes=[NODE])
    uid = (await store.get("Cluster", namespace, "edge")).uid
    app = await add(store, "shop", namespace)
    async with store.transaction() as transaction:
        held = {uid: {"cpu": 1500, "memory": 2**30}}
        await transaction.write_status(app, {"scheduled_uid": uid, "reserved": held})

    item = rok("kube", "cluster", "top", "edge", "-o", "json").ok().json["items"][0]
    assert (item["cluster"]["name"], item["applications"]) == ("edge", 1)
    assert item["dimensions"] == [
        {"dimension": "cpu", "allocatable": "4", "reserved": "1.5", "free": "2.5"},
        {"dimension": "memory", "allocatable": "8Gi", "reserved": "1Gi", "free": "7Gi"},
    ]
    for command in (("top",), ("top", "edge"), ("describe", "edge")):
        shown = rok("kube", "cluster", *command).ok().out
        assert "2.5" in shown
        assert "7Gi" in shown
    assert "Room, with 1 application" in shown
    assert rok("kube", "cluster", "top", "never").code == 3
    await lifecycle.remove("Application", "shop")
    assert rok("kube", "cluster", "top", "-o", "json").ok().json["items"][0]["applications"] == 0


async def test_top_and_describe_show_the_metrics(
    rok: Rok, kubeconfig: str, store: Store, namespace: str
) -> None:
    rok("kube", "cluster", "register", "-k", kubeconfig, "-m", "load", "2", "-m", "gone", "1").ok()
    spec = {"min": 0, "max": 1, "provider": {"name": "prom", "metric": "load"}}
    metric = await add(store, "load", namespace, "Metric", spec=spec, status={})
    async with store.transaction() as transaction:
        await transaction.put_sample(metric.uid, Measured(metric.uid, spec, 0.25, datetime.now(UTC)))

    load, gone = rok("kube", "cluster", "top", "-o", "json").ok().json["items"][0]["metrics"]
    assert (load["name"], load["value"], load["weight"], load["reason"]) == ("load", 0.25, 2.0, None)
    assert 0 <= load["age"] < 30
    assert (gone["value"], gone["reason"]["code"]) == (None, "UNKNOWN_METRIC")
    for command in (("top",), ("top", "edge"), ("describe", "edge")):
        shown = rok("kube", "cluster", *command).ok().out
        assert "0.25" in shown
        assert "UNKNOWN_METRIC: there is no such" in shown

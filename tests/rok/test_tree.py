"""`rok tree`: clusters, applications, owners and objects."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rok.actions import visible
from rok.client import Client
from rok.config import load_config
from rok.resources import Collection
from tests.rok.cli import Rok
from tests.rok.server import Lifecycle


def _object(name: str, *, ready: bool, message: str = "") -> dict[str, Any]:
    return {"api_version": "v1", "kind": "ConfigMap", "name": name, "ready": ready, "message": message}


async def test_what_is_well_takes_one_line(
    rok: Rok, manifest: str, kubeconfig: str, lifecycle: Lifecycle, namespace: str
) -> None:
    rok("kube", "cluster", "register", "-k", kubeconfig).ok()
    for name in ("shop", "blog"):
        rok("kube", "app", "create", "-f", manifest, name).ok()
    edge = {"api": "kubernetes", "kind": "Cluster", "namespace": namespace, "name": "edge"}
    await lifecycle.write("Cluster", "edge", state="ONLINE")
    objects = [_object("settings", ready=True), _object("more", ready=False, message="does not start")]
    reason = {"code": "NO_SUITABLE_RESOURCE", "message": "nothing fits"}
    await lifecycle.write("Application", "blog", state="PENDING", reason=reason)
    await lifecycle.write("Application", "shop", state="RUNNING", running_on=edge, objects=objects)
    assert rok("tree").ok().out.splitlines() == [
        "Cluster edge  ONLINE",
        "└─ Application shop  RUNNING",
        "   ├─ 1 object ready",
        "   └─ ConfigMap more  not ready  does not start",
        "Application blog  PENDING  NO_SUITABLE_RESOURCE: nothing fits",
    ]
    assert rok("tree", "app", "shop").ok().out.splitlines() == [
        "Cluster edge  ONLINE",
        "└─ Application shop  RUNNING",
        "   ├─ ConfigMap more  not ready  does not start",
        "   └─ ConfigMap settings  ready",
    ]
    document = rok("tree", "-o", "json").ok().json
    assert document["items"][0]["children"][0]["name"] == "shop"


def test_owners_have_what_they_own_below_them(rok: Rok, manifest: str) -> None:
    for name in ("shop", "part"):
        rok("kube", "app", "create", "-f", manifest, name).ok()
    part = rok("get", "app", "part", "-o", "json").json
    owner = {"api": "kubernetes", "kind": "Application", "name": "shop"}
    owner["namespace"] = part["metadata"]["namespace"]
    part["metadata"]["owners"] = [owner]
    rok("apply", "-f", "-", stdin=json.dumps(part)).ok()
    assert rok("tree").ok().out.splitlines() == [
        "Application shop  PENDING",
        "└─ Application part  PENDING",
    ]
    assert rok("tree", "app", "shpo").code == 3
    assert rok("tree", "app").code == 2


def test_a_kind_that_may_not_be_seen_does_not_hide_the_others(
    rok: Rok, capsys: pytest.CaptureFixture[str]
) -> None:
    client = Client(load_config(None, rok.environment))
    unknown = Collection("core", "Banana", "bananas", "core banana")
    assert visible(client, unknown, "somewhere") == []
    assert capsys.readouterr().err.startswith("Not shown: bananas. ")


def test_nothing_is_said_where_there_is_nothing(rok: Rok) -> None:
    answer = rok("tree").ok()
    assert (answer.out, answer.err) == ("", "There are neither clusters nor applications\n")

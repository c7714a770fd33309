"""Hooks from end to end: real clusters and a real helper; see tests/support/shutdown_helper.py."""

from __future__ import annotations

import asyncio
import json

from tests.support.kubernetes import DEPLOYMENTS, Kubernetes
from tests.support.manifests import Document, deployment
from tests.support.shutdown_helper import (
    EXAMPLE,
    ShutdownHelper,
    body_of,
    call_hook,
    credentials_of,
    example_helper,
    shutdown_helper,
)
from tests.support.stack import Krake
from tests.support.user import User

IN_GERMANY = ("-L", "location is DE")


def objects(name: str, helper: ShutdownHelper) -> tuple[Document, Document]:
    """A Deployment, and the Service to shut it down through."""
    service = helper.service()
    service["metadata"]["annotations"] = {"krake/shutdown-service": "true"}
    return deployment(name), service


async def is_asked(helper: ShutdownHelper) -> None:
    """Wait until the helper is asked to shut down."""
    await asyncio.wait_for(helper.asked.wait(), 30)
    helper.asked.clear()


async def test_complete_deletes_the_application(rok: User, de: Kubernetes, name: str) -> None:
    (await rok.create(name, deployment(name), more=(*IN_GERMANY, "--hook-complete", "--wait"))).ok()
    uid = await rok.uid(name)
    container = (await de.get(f"{DEPLOYMENTS}/{name}"))["spec"]["template"]["spec"]["containers"][0]
    assert [item["name"] for item in container["env"]] == ["KRAKE_COMPLETE_TOKEN", "KRAKE_COMPLETE_URL"]
    token = (await credentials_of(de, name, "complete"))["token"]
    assert token not in (await rok("kube", "app", "get", name, "-o", "json")).ok().out

    assert (await call_hook(de, name, "complete")).status_code == 200
    await rok.until_gone(name)
    assert await de.owned(uid) == []
    events = (await rok("kube", "app", "events", name, "-o", "json")).ok().json["items"]
    actors = {event["type"]: event["actor"] for event in events}
    assert actors["Completed"] == "system:complete-hook"


async def test_a_deletion_waits_for_the_shutdown_and_survives_the_worker(
    krake_up: Krake, rok: User, de: Kubernetes, name: str
) -> None:
    async with shutdown_helper() as helper:
        more = (*IN_GERMANY, "--hook-shutdown", "120", "--wait")
        (await rok.create(name, *objects(name, helper), more=more)).ok()
        uid = await rok.uid(name)
        (await rok.delete(name)).ok()
        await is_asked(helper)
        assert helper.is_signed((await credentials_of(de, name, "shutdown"))["token"])
        assert (body_of(helper)["application"], body_of(helper)["purpose"]) == (name, "delete")
        await rok.until_state(name, "WAITING_FOR_CLEANING", says="took the request")
        shown = (await rok("kube", "app", "operations", name, "-o", "json")).ok().json["items"]
        steps = {run["operation"]: run["step"] for run in shown if run["state"] == "RUNNING"}
        assert "wait for it to shut down on de" in steps["ShutdownApplication"]
        assert " s left" in steps["ShutdownApplication"]

        krake_up.worker.kill()
        assert f"deployments/{name}" in await de.owned(uid)
        assert (await call_hook(de, name, "shutdown")).status_code == 200
        await krake_up.worker.start()
        await rok.until_gone(name, seconds=60)
        assert await de.owned(uid) == []
        assert len(helper.requests) == 1


async def test_the_example_shuts_down(rok: User, de: Kubernetes, name: str) -> None:
    more = (*IN_GERMANY, "--hook-shutdown", "60", "--wait")
    (await rok("kube", "app", "create", "-f", str(EXAMPLE.with_name("shop.yaml")), name, *more)).ok()
    uid = await rok.uid(name)
    address = (await rok.get(name))["status"]["services"]["shutdown"]
    async with example_helper(de, name, int(address.rpartition(":")[2])) as stopped:
        (await rok.delete(name, "--wait")).ok()
        assert stopped.exists()
    assert await de.owned(uid) == []


async def test_a_move_shuts_the_source_down(rok: User, de: Kubernetes, it: Kubernetes, name: str) -> None:
    async with shutdown_helper() as helper:
        more = (*IN_GERMANY, "--hook-shutdown", "60", "--wait")
        (await rok.create(name, *objects(name, helper), more=more)).ok()
        uid = await rok.uid(name)
        (await rok("kube", "app", "update", name, "-L", "location is IT")).ok()
        await is_asked(helper)
        tokens = [(await credentials_of(cluster, name, "shutdown"))["token"] for cluster in (de, it)]
        assert tokens[0] != tokens[1]
        assert (helper.is_signed(tokens[0]), body_of(helper)["purpose"]) == (True, "migrate")
        assert (await call_hook(it, name, "shutdown")).status_code == 401
        assert (await call_hook(de, name, "shutdown")).status_code == 200
        status = await rok.until_state(name, "RUNNING")
        assert status["running_on"]["name"] == "it"
        assert await de.owned(uid) == []
        helper.asked.clear()
        (await rok.delete(name)).ok()
        await is_asked(helper)
        assert (await call_hook(it, name, "shutdown")).status_code == 200
        await rok.until_gone(name)
        assert await it.owned(uid) == []


async def test_a_shutdown_that_is_not_confirmed_can_be_tried_again(
    rok: User, de: Kubernetes, name: str
) -> None:
    async with shutdown_helper() as helper:
        more = (*IN_GERMANY, "--hook-shutdown", "1", "give_up", "1", "--wait")
        (await rok.create(name, *objects(name, helper), more=more)).ok()
        uid = await rok.uid(name)
        (await rok.delete(name)).ok()
        await rok.until_state(name, "DEGRADED", says="SHUTDOWN_FAILED")
        await rok.until_idle(name)
        assert f"deployments/{name}" in await de.owned(uid)
        helper.asked.clear()
        (await rok("kube", "app", "retry", name)).ok()
        await is_asked(helper)
        assert (await call_hook(de, name, "shutdown")).status_code == 200
        await rok.until_gone(name)
        assert await de.owned(uid) == []
        assert [json.loads(body)["attempt"] for _, body in helper.requests][:3] == [1, 2, 1]

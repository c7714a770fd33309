"""`--wait`: what it waits for, what it says, how it ends. Tests play the lifecycle's part."""

from __future__ import annotations

from pathlib import Path

from krake.embedded.ports import free_port
from tests.rok.cli import Rok
from tests.rok.server import ApiProcess, Lifecycle

NO_CLUSTER = {"code": "NO_SUITABLE_RESOURCE", "message": "no cluster has location=DE"}
BROKEN = {"code": "INVALID_RESOURCE", "message": "spec.replicas must be a number"}


async def test_create_waits_until_it_runs_and_says_what_for(
    rok: Rok, manifest: str, lifecycle: Lifecycle
) -> None:
    running = await rok.start("kube", "app", "create", "shop", "-f", manifest, "--wait", "-o", "json")
    await running.says("PENDING")
    await lifecycle.write("Application", "shop", state="CREATING", message="waiting for Deployment/web")
    await running.says("CREATING  waiting for Deployment/web")
    await lifecycle.write("Application", "shop", state="RUNNING", message="")
    answer = (await running.ends()).ok()
    assert answer.json["status"]["state"] == "RUNNING"
    assert "Application 'shop' is RUNNING" in answer.err


async def test_a_wait_shows_why_nothing_fits_and_goes_on(
    rok: Rok, manifest: str, lifecycle: Lifecycle
) -> None:
    running = await rok.start("kube", "app", "create", "shop", "-f", manifest, "--wait", "running")
    await running.says("PENDING")
    await lifecycle.write("Application", "shop", state="PENDING", reason=NO_CLUSTER)
    await running.says("NO_SUITABLE_RESOURCE: no cluster has location=DE")
    await lifecycle.write("Application", "shop", state="RUNNING", reason=None)
    (await running.ends()).ok()


async def test_a_failure_ends_the_wait_with_its_reason(rok: Rok, manifest: str, lifecycle: Lifecycle) -> None:
    running = await rok.start("kube", "app", "create", "shop", "-f", manifest, "--wait")
    await running.says("PENDING")
    await lifecycle.write("Application", "shop", state="FAILED", reason=BROKEN)
    answer = await running.ends()
    assert answer.code == 1
    assert "Application 'shop' is FAILED\nINVALID_RESOURCE: spec.replicas must be a number" in answer.err
    assert "rok kube app events shop" in answer.err


async def test_an_update_does_not_take_the_old_state_for_the_new(
    rok: Rok, manifest: str, lifecycle: Lifecycle
) -> None:
    rok("kube", "app", "create", "shop", "-f", manifest).ok()
    await lifecycle.write("Application", "shop", state="FAILED", reason=BROKEN)
    running = await rok.start("kube", "app", "update", "shop", "-l", "a=b", "--wait")
    await running.says("FAILED")
    await lifecycle.write("Application", "shop", observed_generation=1, state="RUNNING", reason=None)
    await running.says("RUNNING")
    await lifecycle.write("Application", "shop", state="RECONCILING")
    await running.says("RECONCILING")
    await lifecycle.write("Application", "shop", state="RUNNING")
    assert "is RUNNING" in (await running.ends()).ok().err


async def test_an_update_that_changes_nothing_returns_at_once(
    rok: Rok, manifest: str, lifecycle: Lifecycle
) -> None:
    rok("kube", "app", "create", "shop", "-f", manifest, "-l", "a=b").ok()
    await lifecycle.write("Application", "shop", state="RUNNING")
    rok("kube", "app", "update", "shop", "-l", "a=b", "--wait", "--timeout", "20s").ok()


async def test_waiting_for_a_state_that_is_over_already(
    rok: Rok, manifest: str, lifecycle: Lifecycle
) -> None:
    running = await rok.start("kube", "app", "create", "shop", "-f", manifest, "--wait", "creating")
    await running.says("PENDING")
    await lifecycle.write("Application", "shop", state="COMPLETED")
    (await running.ends()).ok()


async def test_delete_waits_until_it_is_gone(rok: Rok, manifest: str, lifecycle: Lifecycle) -> None:
    rok("kube", "app", "create", "shop", "-f", manifest).ok()
    running = await rok.start("kube", "app", "delete", "shop", "--wait")
    await running.says("PENDING")
    await lifecycle.write("Application", "shop", state="DELETING", message="waiting for 2 objects to go")
    await running.says("waiting for 2 objects to go")
    await lifecycle.remove("Application", "shop")
    assert "Application 'shop' is deleted" in (await running.ends()).ok().err


def test_delete_waits_for_the_mark_only_where_that_is_asked_for(rok: Rok, manifest: str) -> None:
    rok("kube", "app", "create", "shop", "-f", manifest).ok()
    assert "is deleting" in rok("kube", "app", "delete", "shop", "--wait", "deleting").ok().err


async def test_register_waits_until_the_cluster_is_online(
    rok: Rok, kubeconfig: str, lifecycle: Lifecycle
) -> None:
    running = await rok.start("kube", "cluster", "register", "-k", kubeconfig, "--wait")
    await running.says("PENDING")
    unreachable = {"code": "CLUSTER_NOT_REACHABLE", "message": "connection refused"}
    await lifecycle.write("Cluster", "edge", state="OFFLINE", reason=unreachable)
    await running.says("OFFLINE  CLUSTER_NOT_REACHABLE: connection refused")
    await lifecycle.write("Cluster", "edge", state="ONLINE", reason=None)
    (await running.ends()).ok()


def test_the_timeout_says_what_it_is_at_and_that_the_work_goes_on(rok: Rok, manifest: str) -> None:
    answer = rok("kube", "app", "create", "shop", "-f", manifest, "--wait", "--timeout", "1s")
    assert answer.code == 6
    assert "Application 'shop' is not RUNNING after 1s" in answer.err
    assert "It is PENDING. Krake goes on with it" in answer.err
    assert "rok kube app get shop -w" in answer.err


async def test_ctrl_c_detaches(rok: Rok, manifest: str, lifecycle: Lifecycle) -> None:
    running = await rok.start("kube", "app", "create", "shop", "-f", manifest, "--wait")
    await running.says("PENDING")
    running.interrupt()
    answer = await running.ends()
    assert answer.code == 130
    assert "Krake goes on with Application 'shop'" in answer.err
    assert "rok kube app get shop -w" in answer.err
    assert "Traceback" not in answer.err
    found = await lifecycle.find("Application", "shop")
    assert found is not None
    assert found.deleted is None


async def test_a_wait_survives_a_crash_of_the_api(tmp_path: Path, manifest: str) -> None:
    """What changed while the API was away is not missed."""
    api = ApiProcess(tmp_path)
    api.start()
    rok = Rok(api.url, "away")
    try:
        async with api.open_store() as store:
            running = await rok.start("kube", "app", "create", "shop", "-f", manifest, "--wait")
            await running.says("PENDING")
            api.kill()
            await running.says("cannot be reached; trying again")
            await Lifecycle(store, "away").write("Application", "shop", state="RUNNING")
            api.start()
            assert "Application 'shop' is RUNNING" in (await running.ends()).ok().err
    finally:
        api.kill()


async def test_a_deletion_that_ends_while_the_api_is_away_is_noticed(tmp_path: Path, manifest: str) -> None:
    api = ApiProcess(tmp_path)
    api.start()
    rok = Rok(api.url, "away")
    try:
        async with api.open_store() as store:
            rok("kube", "app", "create", "shop", "-f", manifest).ok()
            running = await rok.start("kube", "app", "delete", "shop", "--wait")
            await running.says("PENDING")
            api.kill()
            await running.says("trying again")
            await Lifecycle(store, "away").remove("Application", "shop")
            api.start()
            assert "is deleted" in (await running.ends()).ok().err
    finally:
        api.kill()


async def test_an_api_that_stays_away_ends_the_wait_at_its_timeout(tmp_path: Path, manifest: str) -> None:
    api = ApiProcess(tmp_path)
    api.start()
    rok = Rok(api.url, "away")
    try:
        running = await rok.start("kube", "app", "create", "s", "-f", manifest, "--wait", "--timeout", "3s")
        await running.says("PENDING")
    finally:
        api.kill()
    assert (await running.ends()).code == 6


def test_an_api_that_is_not_there_at_all_ends_it_at_once(manifest: str) -> None:
    rok = Rok(f"http://127.0.0.1:{free_port('127.0.0.1')}", "nowhere")
    answer = rok("kube", "app", "create", "shop", "-f", manifest, "--wait")
    assert answer.code == 10
    assert "krake up" in answer.err

"""What hooks add is what a real API server takes: every kind with Pods, with TLS and without."""

from __future__ import annotations

from pathlib import Path

from activities.kubernetes.comparing_application import ComparingActivities
from activities.kubernetes.deploying import DeployingActivities
from krake.messages.deploying import OnCluster
from krake.settings import Settings
from krake.store import Store
from tests.activities.workbench import Workbench, run
from tests.krake.hooks.authorities import signed
from tests.support.manifests import Document, job, pod, workload


def cron_job(name: str) -> Document:
    """A CronJob that does not run while the test does."""
    spec = {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": job(name)["spec"]}}
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": name}, "spec": spec}


def replication_controller(name: str) -> Document:
    """A ReplicationController, whose selector is of the old form."""
    spec = {**workload("ReplicaSet", name)["spec"], "selector": {"app": name}}
    return {"apiVersion": "v1", "kind": "ReplicationController", "metadata": {"name": name}, "spec": spec}


def every_kind() -> list[Document]:
    """One object of each kind with Pods."""
    kinds = ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet")
    named = [workload(kind, kind.lower()) for kind in kinds]
    return [*named, job("job"), cron_job("cron"), replication_controller("old"), pod("pod")]


async def test_every_kind_is_taken_applied_again_and_removed(bench: Workbench, store: Store) -> None:
    app = await bench.app("Shop_1", *every_kind(), hooks=["complete", "shutdown"])
    assert (await bench.apply(app)).applied == 10
    before = await bench.api.get(bench.path("deployments", "deployment", "apps/v1"))
    assert (await bench.apply(app)).applied == 10
    after = await bench.api.get(bench.path("deployments", "deployment", "apps/v1"))
    assert after["metadata"]["generation"] == before["metadata"]["generation"] == 1
    assert len(after["spec"]["template"]["spec"]["containers"][0]["env"]) == 4
    found = await run(ComparingActivities(store, bench.connections, Settings()).compare_application, app)
    assert found.objects == [], "what hooks add is no difference"
    assert (await bench.remove(app)).pruned == 10
    assert await bench.api.owned(app.uid) == []


async def test_with_tls_the_certificates_are_taken_and_a_hook_can_be_taken_away(
    bench: Workbench, store: Store, tmp_path: Path
) -> None:
    cert, key = signed("intermediate", None).write(tmp_path, "intermediate")
    settings = Settings(state_dir=tmp_path, hook_intermediate_src=cert, hook_intermediate_key_src=key)
    app = await bench.app("shop", workload("Deployment", "web"), hooks=["shutdown"])
    await bench.place(app)
    call = OnCluster(target=app, cluster=bench.cluster, generation=1)
    deploying = DeployingActivities(store, bench.connections, settings)
    assert (await run(deploying.apply_manifest, call)).applied == 3
    live = await bench.api.get(bench.path("deployments", "web", "apps/v1"))
    assert live["spec"]["template"]["spec"]["volumes"][0]["name"] == "shop-krake-shutdown-volume"

    await bench.update(app, workload("Deployment", "web"))
    await bench.deploy(app)
    assert await bench.api.owned(app.uid) == ["deployments/web"]
    live = await bench.api.get(bench.path("deployments", "web", "apps/v1"))
    assert "volumes" not in live["spec"]["template"]["spec"]
    assert "env" not in live["spec"]["template"]["spec"]["containers"][0]

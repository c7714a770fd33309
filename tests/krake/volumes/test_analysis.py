"""Which volumes carry data."""

from __future__ import annotations

from typing import Any

import pytest

from krake.volumes.analysis import (
    UnreachableDataError,
    carries_data,
    check_reachable,
    data_volumes,
)
from tests.support.manifests import Document, deployment, job, pod, workload


def claim(name: str, namespace: str = "") -> Document:
    """A PersistentVolumeClaim."""
    metadata = {"name": name, "namespace": namespace} if namespace else {"name": name}
    return {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": {}}


def mounting(document: Document, volume: Document, *mounts: dict[str, Any]) -> Document:
    """A workload with one more volume, mounted at `/data` where nothing else is said."""
    spec = document["spec"] if document["kind"] == "Pod" else document["spec"]["template"]["spec"]
    spec.setdefault("volumes", []).append({"name": "data", **volume})
    container = spec["containers"][0]
    container["volumeMounts"] = [{"name": "data", "mountPath": "/data", **mount} for mount in mounts or [{}]]
    return document


def of_claim(name: str, **more: Any) -> Document:
    """A volume that is a claim."""
    return {"persistentVolumeClaim": {"claimName": name, **more}}


def templated(name: str, **spec: Any) -> Document:
    """A StatefulSet whose Pods have a claim each."""
    templates = [{"metadata": {"name": "data"}, "spec": {}}]
    document = workload("StatefulSet", name, spec={"volumeClaimTemplates": templates, **spec})
    document["spec"]["template"]["spec"]["containers"][0]["volumeMounts"] = [
        {"name": "data", "mountPath": "/data"}
    ]
    return document


def where(*manifest: Document) -> list[tuple[str, str, str]]:
    """Claim, Pod and path of every volume with data."""
    return [(item.claim, item.pod, item.mount.path) for item in data_volumes(list(manifest))]


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"])
def test_claims_of_the_manifest(kind: str) -> None:
    manifest = [claim("files"), mounting(workload(kind, "web"), of_claim("files"))]
    assert where(*manifest) == [("files", "", "/data")]
    assert data_volumes(manifest)[0].labels == (("app", "web"),)
    assert carries_data(manifest)


def test_a_claim_that_the_manifest_does_not_bring_along_is_somebody_elses() -> None:
    assert not carries_data([mounting(deployment("web"), of_claim("files"))])
    assert not carries_data([claim("files", "other"), mounting(deployment("web"), of_claim("files"))])


def test_a_claim_of_several_workloads_is_copied_once() -> None:
    workloads = [mounting(deployment(name), of_claim("files")) for name in ("web", "worker")]
    assert where(claim("files"), *workloads) == [("files", "", "/data")]


def test_a_claim_nobody_mounts_has_no_data() -> None:
    assert not carries_data([claim("files"), deployment("web")])


def test_each_replica_of_a_stateful_set_has_a_claim() -> None:
    assert where(templated("db", replicas=2)) == [
        ("data-db-0", "db-0", "/data"),
        ("data-db-1", "db-1", "/data"),
    ]
    assert where(templated("db")) == [("data-db-0", "db-0", "/data")]
    assert where(templated("db", replicas=1, ordinals={"start": 5})) == [("data-db-5", "db-5", "/data")]
    assert not carries_data([templated("db", replicas=0)])


@pytest.mark.parametrize("volume", [{"emptyDir": {}}, {"ephemeral": {"volumeClaimTemplate": {}}}])
def test_a_bare_pod_keeps_data_in_volumes_of_its_own(volume: Document) -> None:
    assert where(mounting(pod("alone"), volume)) == [("", "alone", "/data")]
    assert not carries_data([mounting(deployment("web"), volume)])


@pytest.mark.parametrize(
    "kind", ["configMap", "secret", "projected", "downwardAPI", "hostPath", "nfs", "csi", "image"]
)
def test_volumes_that_are_filled_by_others(kind: str) -> None:
    assert not carries_data([mounting(pod("alone"), {kind: {}})])


def test_what_nobody_may_write_is_not_copied() -> None:
    assert not carries_data([mounting(pod("alone"), {"emptyDir": {}}, {"readOnly": True})])
    assert not carries_data([claim("c"), mounting(deployment("web"), of_claim("c", readOnly=True))])


def test_the_mount_that_shows_the_whole_volume_is_taken() -> None:
    mounts: list[Document] = [
        {"mountPath": "/part", "subPath": "part"},
        {"mountPath": "/read", "readOnly": True},
        {"mountPath": "/whole"},
    ]
    assert where(mounting(pod("alone"), {"emptyDir": {}}, *mounts)) == [("", "alone", "/whole")]


def test_folders_of_a_volume_that_are_mounted_alone() -> None:
    mounts = [{"mountPath": f"/{name}", "subPath": name} for name in ("a", "b")]
    assert where(claim("c"), mounting(deployment("web"), of_claim("c"), *mounts)) == [
        ("c", "", "/a"),
        ("c", "", "/b"),
    ]


def test_a_claim_of_a_job_alone_cannot_be_copied_and_is_not_forgotten() -> None:
    manifest = [claim("results"), mounting(job("once"), of_claim("results"))]
    assert carries_data(manifest)
    with pytest.raises(UnreachableDataError, match="claim results is mounted by Job/once alone"):
        check_reachable(manifest)
    check_reachable([*manifest, mounting(deployment("web"), of_claim("results"))])


def test_a_cron_job_is_looked_into() -> None:
    inner = mounting(job("once"), of_claim("results"))["spec"]
    nightly = {"kind": "CronJob", "metadata": {"name": "nightly"}, "spec": {"jobTemplate": {"spec": inner}}}
    with pytest.raises(UnreachableDataError, match="CronJob/nightly"):
        check_reachable([claim("results"), nightly])


def test_objects_of_any_shape_are_looked_through() -> None:
    odd = [
        {"kind": "Deployment", "metadata": {"name": "a"}},
        {"kind": "Pod", "metadata": {"name": "b"}, "spec": {"volumes": None, "containers": None}},
        {"kind": "StatefulSet", "metadata": {"name": "c"}, "spec": {"template": None}},
        {"kind": "Widget", "metadata": {"name": "d"}, "spec": "text"},
    ]
    assert not carries_data(odd)

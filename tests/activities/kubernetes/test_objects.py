"""Identity, marks and order of objects."""

from __future__ import annotations

import pytest

from activities.kubernetes.discovery import ServedKind
from activities.kubernetes.manifest import Desired, phases
from activities.kubernetes.objects import (
    OWNER_ANNOTATION,
    OWNER_LABEL,
    ObjectKey,
    field_manager,
    fingerprint,
    key_of,
    owned,
    phase_of,
)
from tests.support.manifests import Document, config_map

ORDER = [
    "Namespace",
    "CustomResourceDefinition",
    "ConfigMap",
    "ClusterRoleBinding",
    "Service",
    "Deployment",
    "Widget",
]


def named(kind: str, name: str = "one") -> Document:
    """An object of which only the kind matters."""
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name}}


def test_what_others_need_comes_first() -> None:
    numbers = [phase_of(kind) for kind in ORDER]
    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize(
    "kind", ["Secret", "ServiceAccount", "PersistentVolumeClaim", "Role", "ClusterRole", "StorageClass"]
)
def test_what_pods_use_comes_before_what_has_pods(kind: str) -> None:
    assert phase_of(kind) < phase_of("Service") < phase_of("StatefulSet")


def test_a_manifest_is_applied_in_phases_whatever_its_order() -> None:
    manifest = [named(kind) for kind in [*reversed(ORDER), "Secret", "DaemonSet"]]
    found = [[item.kind for item in phase] for phase in phases([Desired(item, None) for item in manifest])]
    assert [sorted(phase) for phase in found] == [
        ["Namespace"],
        ["CustomResourceDefinition"],
        ["ConfigMap", "Secret"],
        ["ClusterRoleBinding"],
        ["Service"],
        ["DaemonSet", "Deployment"],
        ["Widget"],
    ]


def test_marks_are_added_and_nothing_else_changes() -> None:
    manifest = config_map("settings")
    manifest["metadata"]["labels"] = {"app": "echo"}
    manifest["metadata"]["annotations"] = {"note": "kept"}
    document = owned(manifest, "uid-1", "testing/echo", "default")
    assert document["metadata"] == {
        "name": "settings",
        "namespace": "default",
        "labels": {"app": "echo", OWNER_LABEL: "uid-1"},
        "annotations": {"note": "kept", OWNER_ANNOTATION: "testing/echo"},
    }
    assert document["data"] == manifest["data"]
    assert OWNER_LABEL not in manifest["metadata"]["labels"]


def test_labels_that_are_null_are_no_trouble() -> None:
    manifest = {**named("ConfigMap"), "metadata": {"name": "one", "labels": None, "annotations": None}}
    assert owned(manifest, "uid-1", "testing/echo", "default")["metadata"]["labels"] == {OWNER_LABEL: "uid-1"}


def test_a_cluster_scoped_object_gets_no_namespace() -> None:
    manifest = {**named("ClusterRole"), "metadata": {"name": "reader", "namespace": "mistaken"}}
    assert "namespace" not in owned(manifest, "uid-1", "testing/echo", None)["metadata"]


def test_an_object_stays_the_same_in_another_version_of_its_group() -> None:
    old, new = (
        ObjectKey(f"apps/{version}", "Deployment", "default", "echo") for version in ("v1beta1", "v1")
    )
    assert old != new
    assert old.identity == new.identity
    assert old.identity != ObjectKey("v1", "Deployment", "default", "echo").identity


def test_the_identity_of_a_live_object() -> None:
    live = {**named("ClusterRole"), "apiVersion": "rbac.authorization.k8s.io/v1"}
    assert key_of(live) == ObjectKey("rbac.authorization.k8s.io/v1", "ClusterRole", "", "one")


def managed(manager: str, operation: str, **fields: Document) -> Document:
    """One entry of managedFields."""
    return {"manager": manager, "operation": operation, "fieldsV1": fields, "time": "2024-01-01T00:00:00Z"}


def with_managers(*entries: Document) -> Document:
    """A live object with owners of its fields."""
    metadata = {"name": "one", "labels": {OWNER_LABEL: "uid-1"}, "managedFields": list(entries)}
    return {**named("ConfigMap"), "metadata": metadata}


def test_the_fingerprint_changes_only_with_the_fields_krake_owns() -> None:
    ours = managed(field_manager("uid-1"), "Apply", data={"f:key": {}, "f:other": {}})
    before = fingerprint(with_managers(ours))
    same = [
        with_managers(ours, managed(field_manager("uid-2"), "Apply", data={"f:more": {}})),
        with_managers(ours, managed("kubectl", "Apply", data={"f:more": {}})),
        with_managers(managed("kube-controller-manager", "Update", status={}), ours),
        with_managers(managed(field_manager("uid-1"), "Apply", data={"f:other": {}, "f:key": {}})),
        with_managers({**ours, "time": "2025-01-01T00:00:00Z"}),
    ]
    assert {fingerprint(document) for document in same} == {before}
    taken = with_managers(managed(field_manager("uid-1"), "Apply", data={"f:key": {}}))
    assert fingerprint(taken) != before
    assert fingerprint(named("ConfigMap")) != before


@pytest.mark.parametrize(
    ("served", "collection", "path"),
    [
        (
            ServedKind("v1", "ConfigMap", "configmaps", namespaced=True),
            "/api/v1/configmaps",
            "/api/v1/namespaces/ns/configmaps/one",
        ),
        (
            ServedKind("apps/v1", "Deployment", "deployments", namespaced=True),
            "/apis/apps/v1/deployments",
            "/apis/apps/v1/namespaces/ns/deployments/one",
        ),
        (
            ServedKind("rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", namespaced=False),
            "/apis/rbac.authorization.k8s.io/v1/clusterroles",
            "/apis/rbac.authorization.k8s.io/v1/clusterroles/one",
        ),
    ],
)
def test_paths(served: ServedKind, collection: str, path: str) -> None:
    assert served.collection == collection
    assert served.path("ns", "one") == path


@pytest.mark.parametrize("name", ["../../secrets/token", "a/b", "a?force=true"])
def test_a_name_cannot_leave_its_path(name: str) -> None:
    served = ServedKind("v1", "ConfigMap", "configmaps", namespaced=True)
    assert served.path("ns", name).count("/") == 6
    assert "?" not in served.path("ns", name)


def test_a_secrets_texts_are_applied_as_the_data_that_they_become() -> None:
    """Else Krake would manage `stringData`, which is nowhere, and not see others change the real fields."""
    secret = {**named("Secret"), "data": {"a": "YQ==", "b": "Yg=="}, "stringData": {"b": "ü"}}
    applied = owned(secret, "uid", "ns/app", "default")
    assert (applied["data"], "stringData" in applied) == ({"a": "YQ==", "b": "w7w="}, False)
    assert secret["stringData"] == {"b": "ü"}


def test_texts_that_are_none_are_left_to_the_cluster_to_refuse() -> None:
    secret = {**named("Secret"), "stringData": {"port": 5432}}
    assert owned(secret, "uid", "ns/app", "default")["stringData"] == {"port": 5432}

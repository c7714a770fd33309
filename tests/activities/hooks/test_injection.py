"""What hooks add to manifests: for every kind with Pods, and nothing that the user said otherwise."""

from __future__ import annotations

from base64 import b64decode
from copy import deepcopy
from typing import Any

import pytest

from activities.hooks.injection import Injection, inject, pod_of
from activities.hooks.names import certificate_secret_name, token_secret_name, volume_name
from krake.hooks.certificates import Issued
from krake.hooks.options import options_of
from krake.models.hooks import HookName
from krake.settings import Settings
from tests.support.manifests import Document, config_map, deployment, job, pod, workload

KINDS = {
    "Pod": ("v1", ("spec",)),
    "ReplicationController": ("v1", ("spec", "template", "spec")),
    "Deployment": ("apps/v1", ("spec", "template", "spec")),
    "ReplicaSet": ("apps/v1", ("spec", "template", "spec")),
    "StatefulSet": ("apps/v1", ("spec", "template", "spec")),
    "DaemonSet": ("apps/v1", ("spec", "template", "spec")),
    "Job": ("batch/v1", ("spec", "template", "spec")),
    "CronJob": ("batch/v1", ("spec", "jobTemplate", "spec", "template", "spec")),
}


def injection(hook: HookName, *, tls: bool = False, application: str = "shop") -> Injection:
    """A hook as the settings' defaults have it."""
    return Injection(
        hook=hook,
        application=application,
        options=options_of(Settings(), hook),
        token=f"token of {hook}",
        url=f"https://krake/{hook}",
        certificate=Issued("a certificate", "a key") if tls else None,
        bundle="the CAs" if tls else "",
    )


def with_pods(kind: str, *containers: Document, **pod_spec: Any) -> Document:
    """An object of a kind with these containers."""
    api_version, path = KINDS[kind]
    document: Document = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "web"}}
    inner = document
    for key in path:
        inner = inner.setdefault(key, {})
    inner |= {"containers": list(containers or ({"name": "main"},)), **pod_spec}
    return document


def container_of(document: Document, number: int = 0, field: str = "containers") -> Document:
    """One of an object's containers."""
    found = pod_of(document)
    assert found is not None
    container: Document = found[field][number]
    return container


def decoded(secret: Document) -> dict[str, str]:
    """What a Secret holds."""
    return {key: b64decode(value).decode() for key, value in secret["data"].items()}


@pytest.mark.parametrize("kind", KINDS)
def test_every_container_gets_token_and_url_from_the_secret(kind: str) -> None:
    manifest = [with_pods(kind, {"name": "main"}, {"name": "helper"})]
    before = deepcopy(manifest)
    secret, changed = inject(manifest, [injection(HookName.SHUTDOWN)], "apps")
    assert manifest == before
    assert (secret["kind"], secret["metadata"]) == (
        "Secret",
        {"name": "shop-krake-shutdown-secret-token", "namespace": "apps"},
    )
    assert decoded(secret) == {
        "krake_shutdown_token": "token of shutdown",
        "krake_shutdown_url": "https://krake/shutdown",
    }
    for number in (0, 1):
        assert container_of(changed, number)["env"] == [
            {
                "name": name,
                "valueFrom": {
                    "secretKeyRef": {"name": "shop-krake-shutdown-secret-token", "key": name.lower()}
                },
            }
            for name in ("KRAKE_SHUTDOWN_TOKEN", "KRAKE_SHUTDOWN_URL")
        ]
    assert "token of shutdown" not in str(changed)


@pytest.mark.parametrize("kind", KINDS)
def test_with_tls_the_certificates_are_mounted(kind: str) -> None:
    hooks = [injection(hook, tls=True) for hook in HookName]
    *secrets, changed = inject([with_pods(kind)], hooks, "apps")
    assert [item["metadata"]["name"] for item in secrets] == [
        "shop-krake-complete-secret-token",
        "shop-krake-complete-secret-certs",
        "shop-krake-shutdown-secret-token",
        "shop-krake-shutdown-secret-certs",
    ]
    files = {"ca-bundle.pem": "the CAs", "cert.pem": "a certificate", "key.pem": "a key"}
    assert decoded(secrets[3]) == files
    found = pod_of(changed)
    assert found is not None
    assert found["volumes"][1] == {
        "name": "shop-krake-shutdown-volume",
        "secret": {"secretName": "shop-krake-shutdown-secret-certs"},
    }
    assert [item["mountPath"] for item in container_of(changed)["volumeMounts"]] == [
        "/etc/krake_complete_certs/",
        "/etc/krake_shutdown_certs/",
    ]
    assert all(item["readOnly"] for item in container_of(changed)["volumeMounts"])


def test_sidecars_get_the_token_and_what_runs_before_the_application_does_not() -> None:
    first, sidecar = {"name": "migrate"}, {"name": "helper", "restartPolicy": "Always"}
    document = with_pods("Deployment", initContainers=[first, sidecar])
    *_, changed = inject([document], [injection(HookName.SHUTDOWN)], "apps")
    assert container_of(changed, 0, "initContainers") == first
    assert len(container_of(changed, 1, "initContainers")["env"]) == 2


def test_what_the_user_named_alike_stays_as_it_is() -> None:
    env = [{"name": "KRAKE_SHUTDOWN_TOKEN", "value": "mine"}, {"name": "OTHER", "value": "1"}]
    mounts = [{"name": "mine", "mountPath": "/etc/krake_shutdown_certs"}]
    volumes = [{"name": "shop-krake-shutdown-volume", "emptyDir": {}}]
    mine = with_pods("Pod", {"name": "main", "env": env, "volumeMounts": mounts}, volumes=volumes)
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "shop-krake-shutdown-secret-token", "namespace": "apps"},
    }
    *added, first, second = inject([mine, secret], [injection(HookName.SHUTDOWN, tls=True)], "apps")
    assert second == secret
    assert [item["metadata"]["name"] for item in added] == ["shop-krake-shutdown-secret-certs"]
    container = container_of(first)
    assert container["env"][:2] == env
    assert [item["name"] for item in container["env"][2:]] == ["KRAKE_SHUTDOWN_URL"]
    assert container["volumeMounts"] == mounts
    assert (pod_of(first) or {})["volumes"] == volumes


def test_each_namespace_with_pods_gets_the_secret_and_others_do_not() -> None:
    elsewhere = deployment("there")
    elsewhere["metadata"]["namespace"] = "there"
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "there"}}
    manifest = [config_map("x", namespace="third"), namespace, deployment("here"), job("once"), elsewhere]
    added = inject(manifest, [injection(HookName.COMPLETE)], "context")[: -len(manifest)]
    assert [item["metadata"]["namespace"] for item in added] == ["context", "there"]


def test_without_hooks_or_without_pods_nothing_changes() -> None:
    manifest = [pod("alone"), workload("StatefulSet", "db")]
    assert inject(manifest, [], "apps") is manifest
    assert inject([config_map("x")], [injection(HookName.COMPLETE)], "apps") == [config_map("x")]


@pytest.mark.parametrize(
    "document",
    [
        {"apiVersion": "example.org/v1", "kind": "Deployment", "metadata": {"name": "x"}, "spec": {}},
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}, "spec": "text"},
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}},
    ],
)
def test_what_has_another_shape_is_left_to_the_cluster_to_judge(document: Document) -> None:
    assert inject([document], [injection(HookName.COMPLETE)], "apps") == [document]


def test_names_fit_kubernetes_and_stay_apart() -> None:
    assert token_secret_name("shop.v2", HookName.COMPLETE) == "shop.v2-krake-complete-secret-token"
    longest = "a" * 255
    for name in ("Shop_1", "shop-1", "UPPER", "_", longest, longest[:-1] + "b", "a.b"):
        secret = certificate_secret_name(name, HookName.SHUTDOWN)
        volume = volume_name(name, HookName.SHUTDOWN)
        assert len(secret) <= 253
        assert len(volume) <= 63
        assert secret == secret.lower()
        assert "_" not in secret + volume
        assert "." not in volume
        assert secret.endswith("-krake-shutdown-secret-certs")
    names = ("Shop_1", "shop-1", "shop_1", longest, longest[:-1] + "b")
    assert len({volume_name(name, HookName.SHUTDOWN) for name in names}) == len(names)

"""`rok kube app` against a real API."""

from __future__ import annotations

from pathlib import Path

from tests.rok.cli import Rok
from tests.rok.server import Lifecycle


def test_create_get_list_and_delete(rok: Rok, manifest: str, namespace: str) -> None:
    created = rok("kube", "app", "create", "-f", manifest, "shop", "-l", "team=web", "-o", "json").ok().json
    assert created["metadata"]["labels"] == {"team": "web"}
    assert created["spec"]["manifest"][0]["kind"] == "ConfigMap"

    shown = rok("kube", "app", "get", "shop").ok().out
    assert "| name              | shop " in shown
    assert f"| namespace         | {namespace} " in shown
    assert "| state             | PENDING" in shown

    listed = rok("kubernetes", "application", "list").ok().out
    titles = [title.strip() for title in listed.splitlines()[1].strip("|").split("|")]
    assert titles == ["name", "namespace", "labels", "created", "modified", "deleted", "state"]
    assert "shop" in listed
    assert "team: web" in listed

    deleted = rok("kube", "app", "delete", "shop", "-o", "json").ok().json
    assert deleted["metadata"]["deleted"]


def test_every_setting_of_create_reaches_the_api(rok: Rok, manifest: str) -> None:
    rok(
        *(
            "kube",
            "app",
            "create",
            "shop",
            "-f",
            manifest,
            "-L",
            "location is DE",
            "-L",
            "tier in (gold, silver)",
        ),
        *(
            "--auto-cluster-create",
            "--disable-migration",
            "--backoff",
            "2",
            "--backoff_delay",
            "3",
            "--backoff-limit",
            "4",
        ),
    ).ok()
    spec = rok("kube", "app", "get", "shop", "-o", "json").ok().json["spec"]
    assert spec["constraints"]["cluster"]["labels"] == ["location is DE", "tier in (gold, silver)"]
    assert spec["constraints"]["migration"] is False
    assert (spec["backoff"], spec["backoff_delay"], spec["backoff_limit"]) == (2, 3, 4)
    assert spec["auto_cluster_create"] is True
    changed = rok("kube", "app", "update", "shop", "--no-auto-cluster-create", "-o", "json").ok().json["spec"]
    assert changed == {**spec, "auto_cluster_create": False}


def test_update_changes_only_what_is_asked_for(rok: Rok, manifest: str) -> None:
    """The original CLI resets the backoff settings with every update."""
    rok("kube", "app", "create", "shop", "-f", manifest, "-l", "a=1", "-L", "x is y", "--backoff", "3").ok()
    before = rok("kube", "app", "get", "shop", "-o", "json").json
    after = rok("kube", "app", "update", "shop", "-l", "b=2", "-o", "json").ok().json
    assert after["metadata"]["labels"] == {"a": "1", "b": "2"}
    assert after["spec"] == before["spec"]


def test_update_replaces_constraints_and_removes_on_request(rok: Rok, manifest: str) -> None:
    rok("kube", "app", "create", "shop", "-f", manifest, "-l", "a=1", "-L", "x is y").ok()
    command = ("kube", "app", "update", "shop", "-o", "json")
    replaced = rok(*command, "-L", "z exists").ok().json
    assert replaced["spec"]["constraints"]["cluster"]["labels"] == ["z exists"]
    removed = rok(
        *command, "--remove-existing-label-constraints", "--remove-existing-labels", "-l", "b=2"
    ).json
    assert removed["spec"]["constraints"]["cluster"]["labels"] == []
    assert removed["metadata"]["labels"] == {"b": "2"}


def test_update_takes_a_new_manifest_from_standard_input(rok: Rok, manifest: str) -> None:
    rok("kube", "app", "create", "shop", "-f", manifest).ok()
    text = '{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "other"}}'
    updated = rok("kube", "app", "update", "shop", "-f", "-", "-o", "json", stdin=text).ok().json
    assert [item["metadata"]["name"] for item in updated["spec"]["manifest"]] == ["other"]


def test_update_with_nothing_to_do_is_wrong_usage(rok: Rok) -> None:
    answer = rok("kube", "app", "update", "shop")
    assert answer.code == 2
    assert "At least one argument must be specified." in answer.err


def test_create_without_a_file_says_which_option_is_missing(rok: Rok) -> None:
    answer = rok("kube", "app", "create", "shop")
    assert answer.code == 2
    assert "`--file`" in answer.err


def test_inject_sets_variables_and_warns_of_keys_that_are_nowhere(rok: Rok, clean_surroundings: Path) -> None:
    (clean_surroundings / "pod.yaml").write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: c\n    image: i\n"
        "    env:\n    - {name: TOKEN, value: MY_TOKEN}\n"
        "    - name: HOST\n      valueFrom: {fieldRef: {fieldPath: x}}\n"
    )
    answer = rok(
        *("kube", "app", "create", "shop", "-f", "pod.yaml", "-i", "MY_TOKEN=a=b", "-i", "OTHER=1"),
        "-o",
        "json",
    ).ok()
    env = answer.json["spec"]["manifest"][0]["spec"]["containers"][0]["env"]
    assert env[0] == {"name": "TOKEN", "value": "a=b"}
    assert "OTHER" in answer.err


async def test_get_shows_where_it_runs_and_what_is_missing(
    rok: Rok, manifest: str, lifecycle: Lifecycle, namespace: str
) -> None:
    rok("kube", "app", "create", "shop", "-f", manifest).ok()
    cluster = {"api": "kubernetes", "kind": "Cluster", "name": "edge", "namespace": namespace}
    objects = [
        {"api_version": "v1", "kind": "Service", "name": "web", "ready": True},
        {
            "api_version": "apps/v1",
            "kind": "Deployment",
            "name": "web",
            "message": "0 of 1 replicas available",
        },
    ]
    await lifecycle.write(
        *("Application", "shop"),
        state="CREATING",
        running_on=cluster,
        services={"web": "10.0.0.1:30080"},
        objects=objects,
        message="waiting for Deployment/web",
        container_health={"desired_pods": 2, "running_pods": 1, "failed_pods": 0, "completed_pods": 0},
    )
    shown = rok("kube", "app", "get", "shop").ok().out
    assert "1 active / 0 failed / 0 succeeded / 2 desired" in shown
    assert "web: 10.0.0.1:30080" in shown
    assert "| running_on        | edge " in shown
    assert "Service/web ready" in shown
    assert "Deployment/web 0 of 1 replicas available" in shown
    wide = rok("kube", "app", "list", "-o", "wide").ok().out
    assert "edge" in wide
    assert "10.0.0.1:30080" in wide


def test_lists_of_one_namespace_and_of_all(rok: Rok, manifest: str, namespace: str) -> None:
    rok("kube", "app", "create", "here", "-f", manifest).ok()
    rok("kube", "app", "create", "there", "-f", manifest, "-n", f"{namespace}-2").ok()
    names = [item["metadata"]["name"] for item in rok("kube", "app", "list", "-o", "json").ok().json["items"]]
    assert names == ["here"]
    everywhere = rok("kube", "app", "list", "--all", "-o", "yaml").ok().out
    assert "name: here" in everywhere
    assert "name: there" in everywhere


def test_events_tell_who_did_what(rok: Rok, manifest: str) -> None:
    rok("kube", "app", "create", "shop", "-f", manifest).ok()
    rok("kube", "app", "delete", "shop").ok()
    events = rok("kube", "app", "events", "shop", "-o", "json").ok().json["items"]
    assert [event["type"] for event in events] == ["Created", "DeletionRequested"]
    assert "system:admin" in rok("kube", "app", "events", "shop").ok().out

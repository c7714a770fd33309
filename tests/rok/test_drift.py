"""Drift, observer schemas, custom resources and ages in `rok`, against a real API."""

from __future__ import annotations

from pathlib import Path

from rok.live_diff import differs
from tests.rok.cli import Rok
from tests.rok.server import Lifecycle

SCHEMA = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {colour: null}\n"


def test_settings_of_drift_reach_the_api(rok: Rok, manifest: str, clean_surroundings: Path) -> None:
    (clean_surroundings / "schema.yaml").write_text(SCHEMA)
    create = ("kube", "app", "create", "shop", "-f", manifest, "-O", "schema.yaml", "--drift", "report")
    spec = rok(*create, "-R", "crontabs.example.org", "-o", "json").ok().json["spec"]
    assert spec["drift"] == "report"
    assert [schema["data"] for schema in spec["observer_schema"]] == [{"colour": None}]
    assert spec["constraints"]["cluster"]["custom_resources"] == ["crontabs.example.org"]

    update = ("kube", "app", "update", "shop", "-o", "json")
    changed = rok(*update, "--drift", "ignore", "-R", "a.b").ok().json["spec"]
    assert (changed["drift"], changed["observer_schema"]) == ("ignore", spec["observer_schema"])
    assert changed["constraints"]["cluster"]["custom_resources"] == ["a.b"]
    emptied = rok(*update, "-O", "-", "--remove-existing-resource-constraints", stdin="[]").ok().json["spec"]
    assert (emptied["observer_schema"], emptied["constraints"]["cluster"]["custom_resources"]) == ([], [])


def test_a_file_without_a_schema_and_a_wrong_schema_are_told(rok: Rok, manifest: str) -> None:
    create = ("kube", "app", "create", "shop", "-f", manifest, "-O", "-")
    for text in ("", "just text"):
        answer = rok(*create, stdin=text)
        assert (answer.code, "holds no observer schema" in answer.err) == (5, True)
    answer = rok(*create, stdin=SCHEMA.replace("null", "red"))
    assert answer.code == 5
    assert "spec.observer_schema[0].data.colour: Value of 'colour' is not 'None'" in answer.err


def test_clusters_declare_custom_resources(rok: Rok, kubeconfig: str) -> None:
    register = ("kube", "cluster", "register", "-k", kubeconfig, "-o", "json")
    assert rok(*register, "-R", "a.b", "-R", "c.d").ok().json["spec"]["custom_resources"] == ["a.b", "c.d"]
    update = ("kube", "cluster", "update", "edge", "-o", "json")
    assert rok(*update, "-R", "e.f").ok().json["spec"]["custom_resources"] == ["e.f"]
    assert rok(*update, "--remove-existing-custom-resources").ok().json["spec"]["custom_resources"] == []


async def test_drift_is_shown_with_its_fields(rok: Rok, manifest: str, lifecycle: Lifecycle) -> None:
    rok("kube", "app", "create", "shop", "-f", manifest, "--drift", "report").ok()
    drift = {
        "api_version": "v1",
        "kind": "ConfigMap",
        "name": "settings",
        "change": "altered",
        "fields": ["data.colour"],
        "managers": ["kubectl-edit"],
        "since": "2026-01-01T00:00:00Z",
    }
    await lifecycle.write("Application", "shop", state="RUNNING", drift=[drift])
    words = " ".join(rok("kube", "app", "get", "shop").ok().out.split())
    assert "ConfigMap/settings altered: data.colour, by kubectl-edit, since" in words
    assert "(report)" in words


def test_what_cannot_be_compared_is_told_with_its_code(rok: Rok, manifest: str) -> None:
    assert rok("kube", "app", "diff", "shop").code == 3
    rok("kube", "app", "create", "shop", "-f", manifest).ok()
    answer = rok("kube", "app", "diff", "shop")
    assert (answer.code, "is on no cluster yet" in answer.err) == (4, True)


def test_only_what_counts_makes_a_difference() -> None:
    def found(change: str, *counts: bool, truncated: int = 0) -> dict[str, object]:
        fields = [{"counts": one} for one in counts]
        return {"objects": [{"change": change, "fields": fields, "truncated": truncated}]}

    assert not differs({"objects": []})
    assert not differs(found("altered", False, False))
    assert differs(found("altered", False, True))
    assert differs(found("altered", False, truncated=1))
    assert differs(found("missing"))

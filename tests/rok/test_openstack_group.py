"""`rok os`: projects and Magnum clusters, against a real API."""

from __future__ import annotations

import pytest

from tests.rok.cli import Rok

SECRET = "a-very-secret-password"
URL = ("--auth-url", "http://keystone:5000/v3")
USER = ("--user-id", "u1", "--password", SECRET, "--project-id", "p1")
CREATE = ("os", "project", "create", "edge", "--template", "k8s")
VARIABLES = {
    "OS_AUTH_URL": URL[1],
    "OS_USER_ID": "u2",
    "OS_PASSWORD": SECRET,
    "OS_PROJECT_ID": "p2",
}


def test_a_project_through_its_life(rok: Rok) -> None:
    made = rok(*CREATE, *URL, *USER, "-l", "place=edge", "--metric", "load", "2").ok()
    assert "u1" in made.out
    assert "load, weight 2" in made.out
    changed = rok("os", "project", "update", "edge", "--template", "new", "-l", "a=b", "-o", "json").ok()
    document = changed.json
    assert document["spec"]["template"] == "new"
    assert document["metadata"]["labels"] == {"place": "edge", "a": "b"}
    credential = ("--application-credential", "c1", SECRET)
    switched = rok("openstack", "project", "update", "edge", *credential).ok()
    assert "| application credential | c1" in switched.out
    refused = rok("os", "project", "update", "edge", "--user-id", "u3")
    assert (refused.code, "--password, --project-id" in refused.err) == (2, True)
    listed = rok("os", "project", "list", "--all", "-o", "wide").ok()
    assert SECRET not in made.out + changed.out + switched.out + listed.out
    assert "project/edge" in rok("get", "projects", "-o", "name").ok().out
    rok("os", "project", "delete", "edge").ok()
    assert rok("os", "project", "get", "edge").code == 3


def test_what_is_not_given_comes_from_the_environment(rok: Rok, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    refused = rok(*CREATE, *URL)
    assert (refused.code, "Environment variable 'OS_USER_ID' is missing" in refused.err) == (2, True)
    both = rok(*CREATE, *URL, *USER, "--application-credential", "c1", SECRET)
    assert (both.code, "Give one way to sign in" in both.err) == (2, True)
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    spec = rok(*CREATE, "-o", "json").ok().json["spec"]
    password = spec["auth"]["password"]
    assert (spec["url"], password["user"]["id"], password["project"]["id"]) == (URL[1], "u2", "p2")


def test_a_magnum_cluster_through_its_life(rok: Rok) -> None:
    sizes = ("--master-count", "3", "--node-count", "2")
    made = rok("os", "cluster", "create", "shop", *sizes, "-L", "place is edge", "-o", "json").ok().json
    assert (made["spec"]["master_count"], made["spec"]["node_count"]) == (3, 2)
    assert made["spec"]["constraints"] == {"project": {"labels": ["place is edge"]}}
    changed = rok("os", "cluster", "update", "shop", "--node-count", "0", "-l", "a=b").ok()
    assert "None of 0" in changed.out
    assert "place is edge" in changed.out
    assert rok("os", "cluster", "update", "shop").code == 2
    assert rok("os", "cluster", "create", "odd", "--master-count", "2").code != 0
    assert "PENDING" in rok("os", "cluster", "list", "-o", "wide").ok().out
    assert "magnumcluster/shop" in rok("get", "mc", "-o", "name").ok().out
    assert "Created" in rok("os", "cluster", "events", "shop").ok().out
    rok("os", "cluster", "delete", "shop").ok()

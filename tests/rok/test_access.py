"""`rok core role`, `rok core rolebinding` and `rok auth can-i` against a real API."""

from __future__ import annotations

import pytest

from tests.rok.cli import Rok


def test_a_role_and_its_binding_through_their_lives(rok: Rok, namespace: str) -> None:
    rule = ("--rule", "get,list", "applications,core/metrics", namespace)
    shown = rok("core", "role", "create", namespace, *rule).ok().out
    assert f"get,list kubernetes/applications in {namespace}" in shown
    role = rok("core", "role", "update", namespace, "--rule", "update", "clusters/drain", "*", "-o", "json")
    assert role.ok().json["rules"] == [
        {
            "api": "kubernetes",
            "resources": ["applications"],
            "namespaces": [namespace],
            "verbs": ["get", "list"],
        },
        {"api": "core", "resources": ["metrics"], "namespaces": [namespace], "verbs": ["get", "list"]},
        {"api": "kubernetes", "resources": ["clusters/drain"], "namespaces": ["*"], "verbs": ["update"]},
    ]
    anew = rok(
        "core", "role", "update", namespace, "--remove-existing-rules", "--rule", "*", "*", "*", "-o", "json"
    )
    assert anew.ok().json["rules"] == [{"api": "*", "resources": ["*"], "namespaces": ["*"], "verbs": ["*"]}]
    assert namespace in rok("core", "role", "list").ok().out

    who = ("--user", "anna", "--user", "ben", "--group", "team")
    bound = rok("core", "rolebinding", "create", namespace, "--role", namespace, *who).ok().out
    assert "wherever the roles say" in bound
    changes = ("--for-namespace", "a", "--remove-user", "ben", "--user", "carla")
    changed = rok("core", "rolebinding", "update", namespace, *changes, "-o", "json").ok().json
    assert (changed["users"], changed["groups"], changed["namespaces"]) == (
        ["anna", "carla"],
        ["team"],
        ["a"],
    )
    # Without its last namespace it must not count everywhere.
    gone = rok("core", "rolebinding", "update", namespace, "--remove-namespace", "a", "-o", "json").ok().json
    assert gone["namespaces"] == []
    assert "carla" in rok("core", "rolebinding", "list", "-o", "wide").ok().out
    rok("core", "role", "delete", namespace).ok()
    told = rok("core", "role", "events", namespace).ok().out.replace("\n", " ")
    assert "still used by role binding" in told
    rok("core", "rolebinding", "delete", namespace).ok()
    assert rok("core", "rolebinding", "get", namespace).code == 3


def test_the_base_roles_are_there(rok: Rok) -> None:
    viewer = rok("core", "role", "get", "role:viewer").ok().out
    assert "get,list kubernetes/applications,kubernetes/clusters in *" in viewer
    assert "system:admin" in rok("core", "rolebinding", "get", "rolebinding:system").ok().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("create", "r", "--rule", "get", "aplications", "a"), "Did you mean applications"),
        (("create", "r", "--rule", "read", "applications", "a"), "rules[0].verbs[0]"),
        (("create", "r"), "--rule"),
        (("update", "r"), "At least one argument must be specified."),
    ],
)
def test_wrong_roles_are_refused_in_words(rok: Rok, arguments: tuple[str, ...], message: str) -> None:
    answer = rok("core", "role", *arguments)
    assert answer.code != 0
    assert message in answer.err


def test_asking_what_one_may_do(rok: Rok) -> None:
    for question in (("update", "applications"), ("list_all", "applications"), ("delete", "roles", "--all")):
        assert rok("auth", "can-i", *question).ok().out == "yes\n"
    asked = rok("auth", "can-i", "get", "applications/status", "-o", "json").ok().json
    assert (asked["allowed"], asked["user"]) == (True, "system:admin")
    assert "*" in rok("auth", "can-i", "--list").ok().out
    for wrong in (("get",), (), ("--list", "get")):
        assert rok("auth", "can-i", *wrong).code == 2
    assert "Unknown verb 'read'" in rok("auth", "can-i", "read", "applications").err

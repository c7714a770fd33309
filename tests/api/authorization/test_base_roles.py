"""The base roles: always there, never overwritten, and documented as they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.authentication import User
from api.authorization.base import base_roles, store_base_roles
from api.authorization.needs import Need
from api.authorization.policy import Policy
from krake.models.permissions import RESOURCES, Verb
from krake.models.roles import Role, RoleBinding
from krake.store import Store
from tests.api.authorization.callers import Guarded, binding
from tests.api.authorization.test_rules import record

DOCUMENTATION = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "authorize.md"


@pytest.fixture
def url(sqlite_url: str) -> str:
    """Nothing here depends on the database."""
    return sqlite_url


async def test_they_are_stored_once_and_what_was_changed_stays(guarded: Guarded, store: Store) -> None:
    stored = {(kind, one.name) for kind in ("Role", "RoleBinding") for one in (await store.list(kind)).items}
    assert stored == {(role.kind, role.metadata.name) for role in base_roles()}
    changed = binding("rolebinding:system:gc", "role:system:gc", ["somebody"])
    await guarded.master("PUT", "/core/rolebindings/rolebinding:system:gc", changed)
    await guarded.master("DELETE", "/core/roles/role:viewer")
    await store_base_roles(store)
    assert (await store.get("RoleBinding", "", "rolebinding:system:gc")).spec["users"] == ["somebody"]
    again = await store.get("Role", "", "role:viewer")
    revision = await store.revision()
    await store_base_roles(store)
    assert (await store.get("Role", "", "role:viewer"), await store.revision()) == (again, revision)


def _policy() -> Policy:
    shown = [role.model_dump(mode="json", exclude={"api", "kind"}) for role in base_roles()]
    made = [record(role.kind, document) for role, document in zip(base_roles(), shown, strict=True)]
    return Policy(
        [one for one in made if one.kind == "Role"], [one for one in made if one.kind == "RoleBinding"]
    )


def test_every_binding_names_roles_that_there_are() -> None:
    bindings = [one for one in base_roles() if isinstance(one, RoleBinding)]
    assert not [name for one in bindings for name in _policy().lacks(one.roles)]


@pytest.mark.parametrize(
    ("user", "verb", "api", "resource", "allowed"),
    [
        ("system:admin", "delete", "core", "roles", True),
        ("system:admin", "watch_all", "kubernetes", "applications", True),
        ("system:gc", "delete", "openstack", "projects", True),
        ("system:gc", "create", "kubernetes", "applications", False),
        ("system:scheduler", "get", "infrastructure", "clouds", True),
        ("system:scheduler", "create", "kubernetes", "clusters", True),
        ("system:scheduler", "delete", "kubernetes", "clusters", True),
        ("system:scheduler", "update", "infrastructure", "globalclouds/status", True),
        ("system:scheduler", "update", "kubernetes", "applications/binding", True),
        ("system:scheduler", "update", "kubernetes", "applications", False),
        ("system:kubernetes-application", "update", "kubernetes", "applications/status", True),
        ("system:kubernetes-application", "update", "kubernetes", "clusters", False),
        ("system:kubernetes-cluster", "update", "kubernetes", "clusters/status", True),
        ("system:kubernetes", "update", "kubernetes", "clusters/status", True),
        ("system:kubernetes", "update", "kubernetes", "applications/status", True),
        ("system:complete-hook", "update", "kubernetes", "applications/complete", True),
        ("system:complete-hook", "get", "kubernetes", "applications", False),
        ("system:magnum", "create", "kubernetes", "clusters", True),
        ("system:infrastructure", "list", "infrastructure", "infrastructureproviders", True),
        ("somebody", "get", "kubernetes", "applications", False),
    ],
)
def test_what_they_allow(user: str, verb: Verb, api: str, resource: str, allowed: bool) -> None:
    assert _policy().grants(User(user)).reach(Need.of(Verb(verb), api, resource)).everywhere is allowed


def test_no_role_for_people_reaches_roles_or_what_belongs_to_krake() -> None:
    for role in base_roles():
        if isinstance(role, Role) and not role.metadata.name.startswith("role:system"):
            for rule in role.rules:
                assert "*" not in rule.resources
                assert not {"roles", "rolebindings", "applications/status"} & set(rule.resources)
                assert set(rule.resources) <= set(RESOURCES[rule.api])


def table() -> str:
    """The table of the documentation."""
    bound: dict[str, list[str]] = {}
    for one in base_roles():
        if isinstance(one, RoleBinding):
            for name in one.roles:
                bound.setdefault(name, []).extend(one.users)
    lines = ["| role | bound to | allows |", "|---|---|---|"]
    for one in base_roles():
        if isinstance(one, Role):
            users = ", ".join(f"`{user}`" for user in bound.get(one.metadata.name, ())) or "nobody"
            rules = "; ".join(
                f"{', '.join(rule.verbs)} on {rule.api}: {', '.join(rule.resources)}" for rule in one.rules
            )
            lines.append(f"| `{one.metadata.name}` | {users} | {rules.replace('*', 'everything')} |")
    return "\n".join(lines)


def test_the_documentation_tells_of_them() -> None:
    assert table() in DOCUMENTATION.read_text(encoding="utf-8"), f"write this:\n{table()}"

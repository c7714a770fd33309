"""Nobody gives away more than they hold."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.authentication import User
from api.authorization.escalation import lacking
from api.authorization.needs import Need
from api.authorization.rules import read_rules
from tests.api.authorization.callers import Document, Guarded, binding, role, rule
from tests.api.authorization.test_rules import needs, policy, rules

ROLES = rule("*", "roles,rolebindings", ["*"], "core")
"""What lets somebody write roles and bindings at all."""


@pytest.fixture(scope="module")
def guarded(shared: Guarded) -> Guarded:
    """One API for all tests here: nothing depends on the database."""
    return shared


@pytest.fixture(scope="module")
async def chief(guarded: Guarded) -> str:
    """Somebody who may write roles, and edit applications in namespace a."""
    await guarded.grant("chief", ROLES, rule("get,list,update", "applications", ["a"]))
    return "chief"


CASES: list[tuple[list[Document], bool]] = [
    ([rule("get", "applications", ["a"])], True),
    ([rule("get,watch_all", "applications", ["a"])], True),
    ([rule("update", "applications/migration", ["a"])], True),
    ([rule("get", "roles", [], "core")], True),
    ([], True),
    ([rule("get", "applications", ["b"])], False),
    ([rule("get", "applications", ["a", "b"])], False),
    ([rule("get", "applications", ["*"])], False),
    ([rule("delete", "applications", ["a"])], False),
    ([rule("*", "applications", ["a"])], False),
    ([rule("get", "*", ["a"])], False),
    ([rule("get", "clusters", ["a"])], False),
    ([rule("update", "applications/status", ["a"])], False),
    ([rule("get", "applications", ["a"], "*")], True),
    ([rule("get", "", ["a"], "")], False),
    ([rule("get", "globalmetrics", [], "core")], False),
    ([rule("get", "applications", ["a"]), rule("get", "metrics", ["a"], "core")], False),
]


async def test_roles_and_bindings(guarded: Guarded, chief: str) -> None:
    for number, (wanted, allowed) in enumerate(CASES):
        name = f"new-{number}"
        made = await guarded.ask(chief, "POST", "/core/roles", role(name, *wanted))
        assert made.status_code == (201 if allowed else 403), (wanted, made.text)
        if not allowed:
            assert "would grant more by this role than they hold: `" in made.json()["detail"]
            await guarded.master("POST", "/core/roles", role(name, *wanted))
        bound = await guarded.ask(chief, "POST", "/core/rolebindings", binding(name, name, ["friend"]))
        assert bound.status_code == (201 if allowed else 403), (wanted, bound.text)
        dry = await guarded.ask(chief, "POST", "/core/roles", role("dry", *wanted), dry_run="True")
        assert dry.status_code == (200 if allowed else 403), wanted


async def test_a_binding_that_is_narrow_enough(guarded: Guarded, chief: str) -> None:
    await guarded.master("POST", "/core/roles", role("wide", rule("get", "applications", ["*"])))
    for namespaces, status in ((None, 403), (["*"], 403), (["a", "b"], 403), (["a"], 201)):
        answer = await guarded.ask(
            chief, "POST", "/core/rolebindings", binding("b", "wide", ["friend"], namespaces=namespaces)
        )
        assert answer.status_code == status, (namespaces, answer.text)


async def test_updates(guarded: Guarded, chief: str) -> None:
    narrow = rule("get", "applications", ["a"])
    await guarded.master("POST", "/core/roles", role("mighty", rule("*", "*", ["*"], "*")))
    await guarded.master("POST", "/core/rolebindings", binding("mighty", "mighty", ["anna", "ben"]))
    await guarded.ask(chief, "POST", "/core/roles", role("own", narrow))

    async def put(path: str, document: Document) -> int:
        return (await guarded.ask(chief, "PUT", f"/core/{path}", document)).status_code

    wider = role("own", narrow, rule("delete", "applications", ["a"]))
    assert await put("roles/own", wider) == 403
    assert (await guarded.master("GET", "/core/roles/own")).json()["rules"] == [narrow]
    labelled = (await guarded.master("GET", "/core/roles/mighty")).json()
    labelled["metadata"]["labels"] = {"a": "b"}
    assert await put("roles/mighty", labelled) == 200
    # Adding somebody gives what one does not hold; taking somebody away gives nothing.
    assert await put("rolebindings/mighty", binding("mighty", "mighty", ["anna", "ben", chief])) == 403
    assert await put("rolebindings/mighty", binding("mighty", "mighty", ["anna"], ["friends"])) == 403
    assert await put("rolebindings/mighty", binding("mighty", "mighty", ["anna"])) == 200
    assert await put("rolebindings/mighty", binding("mighty", "mighty", ["ben"])) == 403
    assert await put("rolebindings/mighty", binding("mighty", "mighty", ["anna"], namespaces=["a"])) == 200
    assert await put("rolebindings/mighty", binding("mighty", "mighty", ["anna"])) == 403


async def test_roles_that_do_not_exist_are_not_bound(guarded: Guarded, chief: str) -> None:
    document = binding("too-early", "later", ["friend"])
    answer = await guarded.ask(chief, "POST", "/core/rolebindings", document)
    assert answer.status_code == 422
    assert "There is no role later" in answer.text
    await guarded.master("POST", "/core/rolebindings", document)


@settings(max_examples=40)
@given(st.lists(rules(), max_size=3), st.lists(rules(), max_size=2), needs)
def test_whoever_passes_the_check_gives_nothing_they_do_not_hold(
    held: list[Document], wanted: list[Document], need: Need
) -> None:
    found = policy(
        [role("held", *held), role("wanted", *wanted)],
        [binding("1", "held", ["chief"]), binding("2", "wanted", ["friend"])],
    )
    chief, friend = found.grants(User("chief")), found.grants(User("friend"))
    if not list(lacking(chief, read_rules(wanted))):
        assert chief.reach(need).covers(friend.reach(need))
    assert not list(lacking(found.grants(User("friend")), read_rules(wanted)))

"""What a rule allows, against the definition spelled out."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from api.authentication import User
from api.authorization.needs import Need
from api.authorization.policy import Policy
from api.authorization.reach import EVERYWHERE, NOWHERE, Reach
from api.authorization.rules import Rule
from krake.models.permissions import RESOURCES, VERBS, Verb
from krake.models.roles import RoleRule
from krake.store import Record
from tests.api.authorization.callers import Document, binding, role, rule

PLACES = ("a", "b", "c")
APIS = ("kubernetes", "core")
NAMES = {
    "kubernetes": (
        "applications",
        "applications/status",
        "applications/migration",
        "clusters",
        "clusters/drain",
    ),
    "core": ("metrics", "roles", "roles/events", "globalmetrics"),
}


def record(kind: str, document: Document) -> Record:
    """A role or binding as the store gives it."""
    now = datetime.now(UTC)
    spec = {key: value for key, value in document.items() if key != "metadata"}
    name = document["metadata"]["name"]
    return Record(name, kind, "", name, {}, spec, {}, {}, 1, 1, 1, now, now, None)


def policy(roles: list[Document], bindings: list[Document]) -> Policy:
    """The policy of some roles and bindings."""
    return Policy([record("Role", one) for one in roles], [record("RoleBinding", one) for one in bindings])


wildcard = st.sampled_from(["*", ""])
places = st.lists(st.sampled_from(PLACES) | wildcard, max_size=3)


@st.composite
def rules(draw: st.DrawFn) -> Document:
    """Any rule that a role can hold."""
    api = draw(st.sampled_from(APIS) | wildcard)
    known = NAMES.get(api, [name for names in NAMES.values() for name in names])
    document = {
        "api": api,
        "resources": draw(st.lists(st.sampled_from(known) | wildcard, max_size=3)),
        "namespaces": draw(places),
        "verbs": draw(st.lists(st.sampled_from([*VERBS, Verb.ANY]).map(str), max_size=3)),
    }
    return RoleRule.model_validate(document).model_dump(mode="json")


needs = st.sampled_from(APIS).flatmap(
    lambda api: st.builds(Need.of, st.sampled_from(VERBS), st.just(api), st.sampled_from(NAMES[api]))
)


def allowed(document: Document, limit: list[str] | None, need: Need, place: str | None) -> bool:
    """The definition: whether a rule, bound within some namespaces, allows something in a namespace; None for
    what is in none."""
    any_ = {"*", ""}
    granting = {
        "list_all": {"list", "list_all"},
        "watch": {"list", "watch"},
        "watch_all": {"list", "list_all", "watch", "watch_all"},
    }.get(need.verb, {str(need.verb)}) | {"*"}
    if document["api"] not in (*any_, need.api) or not granting & set(document["verbs"]):
        return False
    names = {need.name}
    if need.subresource not in ("", "status", "binding", "complete", "shutdown"):
        names.add(need.resource)
    named, all_of_them = names & set(document["resources"]), any_ & set(document["resources"])
    if not named and not all_of_them:
        return False
    everywhere = bool(any_ & set(document["namespaces"]))
    unlimited = limit is None or bool(any_ & set(limit))
    if place is None:
        return unlimited and (bool(named) or everywhere)
    return (everywhere or place in document["namespaces"]) and (unlimited or place in (limit or []))


@settings(max_examples=60)
@given(rules(), st.none() | places, needs)
def test_one_rule_against_the_definition(document: Document, limit: list[str] | None, need: Need) -> None:
    found = policy([role("r", document)], [binding("b", "r", ["anna"], namespaces=limit)])
    reach = found.grants(User("anna")).reach(need)
    if need.is_global:
        assert reach.everywhere == allowed(document, limit, need, None)
    else:
        for place in (*PLACES, "somewhere"):
            assert (place in reach) == allowed(document, limit, need, place)


@settings(max_examples=60)
@given(st.lists(rules(), max_size=4), st.lists(rules(), max_size=4), needs)
def test_rules_only_add(some: list[Document], others: list[Document], need: Need) -> None:
    few = policy([role("r", *some)], [binding("b", "r", ["anna"])]).grants(User("anna")).reach(need)
    more = policy([role("r", *some, *others)], [binding("b", "r", ["anna"])])
    assert more.grants(User("anna")).reach(need).covers(few)


@settings(max_examples=60)
@given(st.lists(rules(), max_size=4), needs)
def test_a_list_over_all_shows_exactly_where_one_may_list(some: list[Document], need: Need) -> None:
    grants = policy([role("r", *some)], [binding("b", "r", ["anna"])]).grants(User("anna"))
    one = Need.of(Verb.LIST, need.api, need.name)
    over_all = Need.of(Verb.LIST_ALL, need.api, need.name)
    extra = [item for item in some if "list_all" in item["verbs"]]
    if not extra:
        assert grants.reach(over_all) == grants.reach(one)
    assert grants.reach(over_all).covers(grants.reach(one))


def test_users_and_groups_and_everybody() -> None:
    found = policy(
        [role("r", rule("get", "applications", ["a"])), role("s", rule("get", "applications", ["b"]))],
        [
            binding("1", "r", ["anna"]),
            binding("2", "s", groups=["team"]),
            binding("3", "r,missing", groups=["system:authenticated"]),
            binding("4", "s", groups=["system:unauthenticated"]),
        ],
    )
    need = Need.of(Verb.GET, "kubernetes", "applications")
    reach = {
        user: found.grants(user).reach(need)
        for user in (User("anna"), User("ben"), User("ben", ("team",)), User("system:anonymous"))
    }
    a, b = Reach(False, frozenset("a")), Reach(False, frozenset("b"))
    assert list(reach.values()) == [a, a, Reach(False, frozenset("ab")), b]
    assert found.grants(User("ben")).roles == {"r", "missing"}
    assert found.lacks(["r", "missing"]) == ["missing"]


def test_a_binding_that_lost_its_last_namespace_allows_nothing() -> None:
    found = policy(
        [role("r", rule("*", "*", ["*"], "*"))], [binding("b", "r", ["anna"], namespaces=[])]
    ).grants(User("anna"))
    for api, types in RESOURCES.items():
        for plural in types:
            assert found.reach(Need.of(Verb.GET, api, plural)) == NOWHERE


def test_reaches() -> None:
    a, ab = Reach(False, frozenset("a")), Reach(False, frozenset("ab"))
    assert ab.covers(a) and not a.covers(ab) and not ab.covers(EVERYWHERE) and EVERYWHERE.covers(ab)
    assert ab.within(a) == a == a.within(EVERYWHERE) == EVERYWHERE.within(a)
    assert a.limit() == frozenset("a") and EVERYWHERE.limit() is None
    assert not NOWHERE and EVERYWHERE


def test_rules_are_shown_as_they_count() -> None:
    read = Rule.read(rule("get,list", "applications,", [""], ""), Reach(False, frozenset("ba")))
    assert read.shown() == {
        "api": "*",
        "resources": ["*", "applications"],
        "namespaces": ["a", "b"],
        "verbs": ["get", "list"],
    }

"""Roles by verbs by namespaces: nobody sees or changes what they must not."""

from __future__ import annotations

import pytest

from tests.api.authorization.callers import Document, Guarded, metric, rule

ALL = frozenset({"a", "b"})
NONE = frozenset[str]()
VERBS = ("create", "get", "list", "update", "delete", "watch")
ON_SQLITE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
"""For what does not depend on the database."""


def _rule(verbs: str, *namespaces: str) -> Document:
    return rule(verbs, "metrics", namespaces, "core")


# For each caller: roles of their own or base roles, and in which namespaces each verb works. The last two are
# what lists and watches over all namespaces show; None where they are refused.
CALLERS: dict[str, tuple[list[Document] | str, list[str] | None, dict[str, frozenset[str]]]] = {
    "nobody": ([], None, {}),
    "admin": ("role:system", None, dict.fromkeys(VERBS, ALL)),
    "admin-of-a": ("role:system", ["a"], dict.fromkeys(VERBS, frozenset("a"))),
    "viewer": ("role:viewer", None, dict.fromkeys(("get", "list", "watch"), ALL)),
    "viewer-of-b": ("role:viewer", ["b"], dict.fromkeys(("get", "list", "watch"), frozenset("b"))),
    "editor-of-a": ("role:editor", ["a"], dict.fromkeys(VERBS, frozenset("a"))),
    "operator": ("role:operator", None, dict.fromkeys(VERBS, ALL)),
    "cluster-controller": ("role:system:kubernetes-cluster", None, {}),
    "getter-in-a": ([_rule("get", "a")], None, {"get": frozenset("a")}),
    "creator-in-b": ([_rule("create", "b")], None, {"create": frozenset("b")}),
    "updater": ([_rule("update", "")], None, {"update": ALL}),
    "deleter-in-a": ([_rule("delete", "a")], None, {"delete": frozenset("a")}),
    "lister-in-a": ([_rule("list", "a")], None, {"list": frozenset("a"), "watch": frozenset("a")}),
    "watcher-in-b": ([_rule("watch", "b")], None, {"watch": frozenset("b")}),
    "overseer-of-a": ([_rule("list_all", "a")], None, {}),
    "mixed": (
        [_rule("get,list", "a"), _rule("delete", "b")],
        None,
        {"get": frozenset("a"), "list": frozenset("a"), "watch": frozenset("a"), "delete": frozenset("b")},
    ),
    "outside": ([_rule("*", "a")], ["b"], {}),
    "elsewhere": ([_rule("*", "c")], None, {}),
}
OVER_ALL = {"overseer-of-a": (frozenset("a"), frozenset("a")), "elsewhere": (frozenset("c"), frozenset("c"))}
"""What lists and watches over all namespaces show, where it does not follow from `list` and `watch`."""


@pytest.fixture
async def filled(guarded: Guarded) -> Guarded:
    """Metrics in two namespaces, in turns, and every caller with their roles."""
    for name in ("one", "two"):
        for namespace in ("b", "a"):
            await guarded.master("POST", f"/core/namespaces/{namespace}/metrics", metric(name))
    await guarded.master("POST", "/core/globalmetrics", metric("one"))
    for user, (roles, namespaces, _) in CALLERS.items():
        if isinstance(roles, str):
            await guarded.bind(user, roles, namespaces)
        elif roles:
            await guarded.grant(user, *roles, namespaces=namespaces)
    return guarded


@ON_SQLITE
async def test_every_caller_every_verb_every_namespace(filled: Guarded) -> None:
    found = {user: await _rights(filled, user) for user in CALLERS}
    expected = {
        user: {(verb, place) for verb, places in allowed.items() for place in places}
        for user, (_, _, allowed) in CALLERS.items()
    }
    assert found == expected


async def test_lists_over_all_namespaces_show_what_may_be_listed(filled: Guarded) -> None:
    for user, (_, _, allowed) in CALLERS.items():
        listed, watched = OVER_ALL.get(user, (allowed.get("list", NONE), allowed.get("watch", NONE)))
        answer = await filled.ask(user, "GET", "/core/metrics")
        assert answer.status_code == (200 if listed else 403), user
        if listed:
            items = answer.json()["items"]
            shown = [(item["metadata"]["namespace"], item["metadata"]["name"]) for item in items]
            assert shown == [(place, name) for place in sorted(listed & ALL) for name in ("one", "two")], user
            assert await _pages(filled, user) == shown, user
        async with filled.watching(user, "/core/metrics", since=0) as watch:
            assert await watch.status() == (200 if watched else 403), user
            if watched & ALL:
                order = [(place, name) for name in ("one", "two") for place in ("b", "a")]
                wanted = [("ADDED", place, name) for place, name in order if place in watched]
                assert await watch.chunk() == wanted, user


async def _pages(guarded: Guarded, user: str) -> list[tuple[str, str]]:
    """The whole list in pages of one; no page is short, and no token speaks of what is hidden."""
    shown: list[tuple[str, str]] = []
    query: Document = {"limit": 1}
    while True:
        page = (await guarded.ask(user, "GET", "/core/metrics", **query)).json()
        assert len(page["items"]) <= 1
        shown += [(item["metadata"]["namespace"], item["metadata"]["name"]) for item in page["items"]]
        token = page["metadata"]["continue"]
        if token is None:
            return shown
        assert token == "/".join(shown[-1])
        query["continue"] = token


async def _rights(guarded: Guarded, user: str) -> set[tuple[str, str]]:
    """What the API lets a caller do; an answer that is no refusal has to be the right one."""
    rights = set()
    for place in sorted(ALL):
        base = f"/core/namespaces/{place}/metrics"
        asked = {
            "create": ("POST", base, metric("one"), 409),
            "get": ("GET", f"{base}/one", None, 200),
            "list": ("GET", base, None, 200),
            "update": ("PUT", f"{base}/one", metric("one"), 200),
            "delete": ("DELETE", f"{base}/missing", None, 404),
        }
        for verb, (method, path, body, success) in asked.items():
            answer = await guarded.ask(user, method, path, body)
            if answer.status_code == 403:
                assert f"`{verb}` on core/metrics in namespace '{place}'" in answer.json()["detail"]
            else:
                assert answer.status_code == success, (user, verb, place, answer.text)
                rights.add((verb, place))
        async with guarded.watching(user, base, since=0) as watch:
            if await watch.status() == 200:
                assert [name for _, _, name in await watch.chunk()] == ["one", "two"]
                rights.add(("watch", place))
    return rights


@ON_SQLITE
async def test_what_is_in_no_namespace_does_not_come_with_a_namespace(filled: Guarded) -> None:
    for user in CALLERS:
        allowed = user in ("admin", "operator", "viewer")
        for path in ("/core/globalmetrics", "/core/globalmetrics/one"):
            answer = await filled.ask(user, "GET", path)
            assert answer.status_code == (200 if allowed else 403), (path, answer.text)
        admin = user == "admin"
        listed = await filled.ask(user, "GET", "/core/roles")
        assert listed.status_code == (200 if admin else 403), user
        deleted = await filled.ask(user, "DELETE", "/core/rolebindings/x")
        assert deleted.status_code == (404 if admin else 403), user

"""What the API tells of one's own rights, and of what one may not do."""

from __future__ import annotations

import pytest

from tests.api.authorization.callers import Document, Guarded, binding, metric, role, rule
from tests.api.authorization.orphans import leave


@pytest.fixture(scope="module")
def guarded(shared: Guarded) -> Guarded:
    """One API for all tests here: nothing depends on the database."""
    return shared


@pytest.fixture(scope="module")
async def anna(guarded: Guarded) -> str:
    """Somebody with a few rights."""
    await guarded.grant(
        "anna",
        rule("get,list,update", "applications", ["a"]),
        rule("update", "clusters/drain", ["*"]),
        rule("get", "globalmetrics", [], "core"),
    )
    return "anna"


async def can(guarded: Guarded, user: str, **query: str) -> Document:
    """The answer to a question."""
    answer = await guarded.ask(user, "GET", "/authorization/can-i", **query)
    assert answer.status_code == 200, answer.text
    document: Document = answer.json()
    return document


QUESTIONS = [
    ("get", "applications", "a", True),
    ("get", "kubernetes/applications", "a", True),
    ("watch", "applications", "a", True),
    ("update", "applications/migration", "a", True),
    ("get", "applications/events", "a", True),
    ("list_all", "applications", None, True),
    ("watch_all", "applications", None, True),
    ("update", "clusters/drain", None, True),
    ("get", "globalmetrics", "a", True),
    ("get", "globalmetrics", None, True),
    ("get", "applications", "b", False),
    ("get", "applications", None, False),
    ("list_all", "clusters", None, False),
    ("delete", "applications", "a", False),
    ("update", "applications/status", "a", False),
    ("update", "clusters", None, False),
    ("*", "*", None, False),
]


async def test_can_i(guarded: Guarded, anna: str) -> None:
    for verb, resource, namespace, allowed in QUESTIONS:
        query = {"verb": verb, "resource": resource} | ({"namespace": namespace} if namespace else {})
        answer = await can(guarded, anna, **query)
        assert answer["allowed"] is allowed, query
        assert bool(answer["reason"]) is not allowed
        assert (await guarded.master("GET", "/authorization/can-i", **query)).json()["allowed"]


async def test_where_one_may(guarded: Guarded, anna: str) -> None:
    answer = await can(guarded, anna, verb="list_all", resource="applications")
    assert (answer["user"], answer["namespaces"]) == ("anna", ["a"])
    listed = await guarded.ask(anna, "GET", "/authorization/permissions")
    assert [item["resources"] for item in listed.json()["items"]] == [
        ["applications"],
        ["clusters/drain"],
        ["globalmetrics"],
    ]
    there = await guarded.ask(anna, "GET", "/authorization/permissions", namespace="b")
    assert [item["resources"] for item in there.json()["items"]] == [["clusters/drain"], ["globalmetrics"]]
    everything = await guarded.master("GET", "/authorization/permissions")
    assert everything.json()["items"] == [
        {"api": "*", "resources": ["*"], "namespaces": ["*"], "verbs": ["*"]}
    ]


NONSENSE: list[tuple[Document, str]] = [
    ({"verb": "read", "resource": "applications"}, "Unknown verb 'read'. There are: create"),
    ({"verb": "get", "resource": "aplications"}, "Did you mean applications"),
    ({"verb": "get", "resource": "core/applications"}, "Unknown resource"),
    ({"verb": "get"}, "resource"),
    ({"verb": "get", "resource": "roles", "name": "x"}, "Unknown parameter"),
]


async def test_questions_that_make_no_sense(guarded: Guarded) -> None:
    for query, words in NONSENSE:
        answer = await guarded.ask("anna", "GET", "/authorization/can-i", **query)
        assert answer.status_code == 422
        assert words in answer.text


async def test_me_knows_the_roles(guarded: Guarded, anna: str) -> None:
    await guarded.bind("second", "anna", None)
    await guarded.master("POST", "/core/rolebindings", binding("g", "role:viewer", groups=["team"]))
    me = (await guarded.ask(anna, "GET", "/me", groups="team")).json()
    assert me == {"user": "anna", "roles": ["anna", "role:viewer"], "groups": ["team"]}


REFUSALS = [
    (
        "PUT",
        "/kubernetes/namespaces/x/applications/shop",
        "User 'ben' may not update kubernetes/applications 'shop' in namespace 'x'. "
        "Ask for a role that allows `update` on kubernetes/applications in namespace 'x'",
    ),
    (
        "GET",
        "/kubernetes/applications",
        "User 'ben' may not list kubernetes/applications in any namespace. "
        "Ask for a role that allows `list` on kubernetes/applications in any namespace",
    ),
    (
        "GET",
        "/core/roles",
        "User 'ben' may not list core/roles. Ask for a role that allows `list` on core/roles",
    ),
    (
        "PUT",
        "/kubernetes/namespaces/x/clusters/de/drain",
        "User 'ben' may not update kubernetes/clusters/drain 'de' in namespace 'x'. "
        "Ask for a role that allows `update` on kubernetes/clusters/drain in namespace 'x'",
    ),
]


async def test_a_refusal_says_who_wanted_what_and_how_to_get_it(guarded: Guarded) -> None:
    for method, path, words in REFUSALS:
        answer = await guarded.ask("ben", method, path)
        problem = answer.json()
        assert (answer.status_code, problem["status"], problem["detail"]) == (403, 403, words)
        assert answer.headers["content-type"] == "application/problem+json"
        assert problem["request_id"] == answer.headers["x-request-id"]


async def test_nobody_in_particular_is_asked_to_log_in(guarded: Guarded) -> None:
    path = "/kubernetes/namespaces/x/applications"
    answer = await guarded.ask("system:anonymous", "GET", path)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    for free in ("/", "/healthz", "/metrics", "/openapi.json", "/docs"):
        assert (await guarded.ask("system:anonymous", "GET", free)).status_code == 200
    await guarded.master("POST", "/core/rolebindings", binding("b", "role:viewer", ["system:anonymous"]))
    assert (await guarded.ask("system:anonymous", "GET", path)).status_code == 200


async def test_what_is_not_there_is_not_told_apart_from_what_one_may_not_see(guarded: Guarded) -> None:
    await guarded.master("POST", "/core/namespaces/a/metrics", metric("one"))
    answers = [
        (await guarded.ask("ben", "GET", f"/core/namespaces/a/metrics/{name}")).json()["detail"]
        for name in ("one", "two")
    ]
    assert answers[0].replace("'one'", "'two'") == answers[1]


async def test_hooks_are_allowed_by_their_token(guarded: Guarded) -> None:
    for hook in ("complete", "shutdown"):
        path = f"/kubernetes/namespaces/x/applications/shop/{hook}"
        answer = await guarded.ask("system:anonymous", "PUT", path, {"token": "guessed"})
        assert answer.status_code in (401, 404)
        assert "token" in answer.text or "does not exist" in answer.text


async def test_orphans_of_other_namespaces_stay_hidden(guarded: Guarded) -> None:
    assert (await guarded.ask("vera", "GET", "/core/orphans")).status_code == 403
    viewers = binding("viewers", "role:viewer", ["vera"], namespaces=["a"])
    await guarded.master("POST", "/core/rolebindings", viewers)
    await leave(guarded.app.state.services.store, "a", "b")
    listed = (await guarded.ask("vera", "GET", "/core/orphans")).json()["items"]
    assert [item["namespace"] for item in listed] == ["a"]
    assert (await guarded.ask("vera", "PUT", "/core/orphans/collect")).status_code == 403
    await guarded.grant("collector", rule("update", "orphans/collect", ["b"], "core"))
    answer = await guarded.ask("collector", "PUT", "/core/orphans/collect")
    assert [item["namespace"] for item in answer.json()["items"]] == ["b"]


async def test_roles_say_what_is_wrong_with_them(guarded: Guarded) -> None:
    wrong: list[tuple[Document, str, str]] = [
        (rule("read", "applications"), "rules[0].verbs[0]", "create"),
        (rule("get", "aplications"), "rules[0].resources", "Did you mean applications"),
        (rule("get", "applications", api="core"), "rules[0].resources", "The API core has no resource"),
        (rule("get", "applications/stat"), "rules[0].resources", "applications/status"),
        (rule("get", "applications", api="kubernets"), "rules[0].api", "There are: core, kubernetes"),
        (rule("get", "applications", ["not a name"]), "rules[0].namespaces[0]", "Invalid character"),
        ({"api": "core", "resources": ["roles"], "verbs": ["get"]}, "rules[0].namespaces", "required"),
        ({**rule("get", "roles", api="core"), "name": "x"}, "rules[0].name", "Unknown field"),
    ]
    for document, field, words in wrong:
        answer = await guarded.ask("root", "POST", "/core/roles", role("wrong", document), "system:masters")
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["field"]) == (422, field), answer.text
        assert words in error["message"], answer.text

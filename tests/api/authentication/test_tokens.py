"""Static tokens: found by their digests, refused as soon as they are revoked, and never kept or logged."""

from __future__ import annotations

import hmac
from datetime import timedelta

import pytest

from api.authentication.credentials import Credentials
from api.authentication.static_tokens import StaticTokens
from krake.errors import KrakeError
from krake.identities import ServiceAccount
from krake.store import Store
from krake.tokens import Token, digest_of, issue
from tests.api.authentication.conftest import Open, bearer, refused
from tests.api.documents import APPLICATIONS, application

STRANGER = "krake_" + "A" * 43


async def given_out(store: Store, *groups: str, user: str = "alice", **more: timedelta) -> str:
    """The secret of the token 'alice', in place of the one before."""
    secret, token = issue("alice", user, groups, **more)
    if await store.tokens.find_by_name(token.name):
        await store.tokens.remove(token.name)
    await store.tokens.add(token)
    return secret


async def test_a_token_says_who_it_is(opened: Open, store: Store) -> None:
    secret = await given_out(store, "developers", "testers")
    async with opened("tokens") as client:
        me = (await client.get("/me", headers=bearer(secret))).json()
        assert me == {
            "user": "alice",
            "groups": ["developers", "system:authenticated", "testers"],
            "roles": [],
        }
        # As clients of the original Krake send it.
        assert (await client.get("/me", headers={"Authorization": secret})).json() == me
        created = await client.post(APPLICATIONS, json=application(name="mine"), headers=bearer(secret))
        assert created.status_code == 201
        events = (await client.get(f"{APPLICATIONS}/mine/events", headers=bearer(secret))).json()["items"]
    assert [event["actor"] for event in events] == ["alice"]


async def test_a_revoked_token_is_refused_by_the_very_next_request(opened: Open, store: Store) -> None:
    secret = await given_out(store)
    async with opened("tokens", "anonymous") as client:
        assert (await client.get("/me", headers=bearer(secret))).status_code == 200
        await store.tokens.remove("alice")
        refused(await client.get("/me", headers=bearer(secret)), "revoked")


async def test_an_expired_token_is_refused(opened: Open, store: Store) -> None:
    secret = await given_out(store, lifetime=timedelta(microseconds=1))
    async with opened("tokens") as client:
        refused(await client.get("/me", headers=bearer(secret)), "'alice' has expired")


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        (bearer(STRANGER), "not known"),
        (bearer("krake_short"), "not known"),
        (bearer("abc"), "of no kind"),
        (bearer(""), "holds no token"),
        (bearer("a b"), "holds no token"),
        ({"Authorization": "Basic YWxpY2U6cGFzcw=="}, "scheme 'Basic'"),
        ({"Authorization": "Token abc"}, "scheme 'Token'"),
        ({"Authorization": f"Bearer {STRANGER}", "X-Auth-Token": "other"}, "several credentials"),
    ],
)
async def test_a_bad_credential_never_passes_for_none(
    opened: Open, headers: dict[str, str], words: str
) -> None:
    async with opened("tokens", "anonymous") as client:
        assert (await client.get("/me")).json()["user"] == "system:anonymous"
        answer = await client.get("/me", headers=headers)
    refused(answer, words)
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert STRANGER not in answer.text


async def test_without_a_credential_nobody_is_let_in(opened: Open) -> None:
    async with opened("tokens") as client:
        for method, path in (("GET", "/me"), ("GET", "/"), ("GET", APPLICATIONS), ("GET", "/no/such/path")):
            refused(await client.request(method, path), "Who makes this request?")
        refused(await client.post(APPLICATIONS, json=application()), "Bearer TOKEN")
        refused(await client.get(APPLICATIONS, params={"watch": "", "heartbeat": 1}))


async def test_what_is_open_to_everybody(opened: Open) -> None:
    async with opened("tokens") as client:
        for path in ("/healthz", "/docs", "/openapi.json"):
            assert (await client.get(path, headers=bearer("wrong"))).status_code == 200
        assert (await client.get("/readyz")).status_code == 503
        refused(await client.get("/metrics"))
    async with opened("tokens", api_metrics_open=True) as client:
        assert (await client.get("/metrics")).status_code == 200
        refused(await client.get("/me"))


async def test_the_openapi_document_names_the_credentials_and_what_needs_none(
    opened: Open,
) -> None:
    async with opened("tokens") as client:
        document = (await client.get("/openapi.json")).json()
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert document["security"] == [{"bearer": []}]
    free = {
        f"{method} {path.rpartition('/')[2]}"
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if operation.get("security") == []
    }
    assert free == {"get healthz", "get readyz", "get login", "put complete", "put shutdown"}


@pytest.mark.parametrize("part", ["complete", "shutdown"])
async def test_hooks_have_a_token_of_their_own(opened: Open, store: Store, part: str) -> None:
    secret = await given_out(store)
    async with opened("tokens") as client:
        await client.post(APPLICATIONS, json=application(), headers=bearer(secret))
        answer = await client.put(f"{APPLICATIONS}/echo/{part}", json={"token": "wrong"})
        assert answer.status_code == 401 and "for this hook" in answer.json()["detail"]
        for method, path in (("GET", f"{APPLICATIONS}/echo/{part}"), ("PUT", f"{APPLICATIONS}/echo/retry")):
            refused(await client.request(method, path), "Who makes this request?")


async def test_service_accounts_are_in_the_groups_of_their_kind(opened: Open, store: Store) -> None:
    secret = await given_out(store, user=ServiceAccount.parse("factory/edge-1").user)
    async with opened("tokens") as client:
        me = (await client.get("/me", headers=bearer(secret))).json()
    assert me["user"] == "system:serviceaccount:factory:edge-1"
    assert me["groups"] == [
        "system:authenticated",
        "system:serviceaccounts",
        "system:serviceaccounts:factory",
    ]


async def test_secrets_are_compared_in_constant_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[str, str]] = []
    compare_digest = hmac.compare_digest

    def compare(one: str, other: str) -> bool:
        compared.append((one, other))
        return compare_digest(one, other)

    monkeypatch.setattr(hmac, "compare_digest", compare)
    secret = await given_out(store)
    way = StaticTokens(store.tokens)
    given = Credentials(secret)
    assert await way.recognise(given)
    assert compared == [(digest_of(secret), digest_of(secret))]
    assert secret not in repr(given)


@pytest.mark.parametrize(
    ("user", "groups"),
    [
        ("", ()),
        ("a" * 256, ()),
        (" a", ()),
        ("a\nb", ()),
        ("system:anonymous", ()),
        ("alice", ("system:authenticated",)),
        ("system:serviceaccount:nowhere", ()),
    ],
)
def test_names_that_nobody_can_have(user: str, groups: tuple[str, ...]) -> None:
    with pytest.raises(KrakeError):
        issue("token", user, groups)


def test_a_token_without_an_end_does_not_expire() -> None:
    token: Token = issue("ci", "ci")[1]
    assert not token.expired()

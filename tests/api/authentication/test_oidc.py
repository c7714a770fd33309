"""JSON Web Tokens of a real issuer; everything that could be wrong with one is refused."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from api.authentication import authenticator
from api.authentication import issuer as keys
from krake.errors import KrakeError
from krake.setting_groups.api import AuthenticationWay
from krake.settings import Settings
from krake.store import Store
from tests.api.authentication.conftest import Open, Opened, bearer, refused
from tests.support.issuer import AUDIENCE, Issuer


def trusting(opened: Open, issuer: Issuer, **more: Any) -> Opened:
    """The API that trusts the issuer, and lets strangers in without a credential."""
    return opened("oidc", "anonymous", oidc_issuer=issuer.url, oidc_audiences=[AUDIENCE], **more)


def unsigned(issuer: Issuer, header: dict[str, Any]) -> str:
    """A good token with another header, and without its signature."""
    return ".".join(encoded(json.dumps(part).encode()) for part in (header, issuer.claims()))


def encoded(content: bytes) -> str:
    """As the parts of a token are written."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


async def test_a_good_token_names_its_user(opened: Open, issuer: Issuer) -> None:
    async with trusting(opened, issuer) as client:
        answer = await client.get("/me", headers=bearer(issuer.token()))
        assert answer.json() == {
            "user": "alice",
            "groups": ["developers", "system:authenticated"],
            "roles": [],
        }
        several = issuer.token(aud=["other", AUDIENCE])
        assert (await client.get("/me", headers=bearer(several))).status_code == 200


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"iss": "https://elsewhere.example.org"}, "another issuer"),
        ({"aud": "other"}, "another audience"),
        ({"aud": None}, "lacks one of the claims"),
        ({"exp": None}, "lacks one of the claims"),
        ({"exp": 1_000_000_000}, "expired"),
        ({"nbf": 9_000_000_000}, "not valid yet"),
        ({"iat": 9_000_000_000}, "not valid yet"),
        ({"preferred_username": None}, "no claim 'preferred_username'"),
        ({"preferred_username": 7}, "no claim 'preferred_username'"),
        ({"preferred_username": "system:admin"}, "cannot give the name"),
        ({"preferred_username": "a\nb"}, "cannot give the name"),
    ],
)
async def test_wrong_claims(opened: Open, issuer: Issuer, changes: dict[str, Any], words: str) -> None:
    async with trusting(opened, issuer) as client:
        answer = await client.get("/me", headers=bearer(issuer.token(**changes)))
    refused(answer, "The token is not accepted", words)
    assert answer.json()["title"] == "INVALID_KEYCLOAK_TOKEN"


async def test_wrong_signatures(opened: Open, issuer: Issuer) -> None:
    stranger = rsa.generate_private_key(65537, 2048)
    body = unsigned(issuer, {"alg": "HS256", "typ": "JWT", "kid": "first"})
    confused = hmac.new(issuer.public_pem(), body.encode(), hashlib.sha256).digest()
    good = issuer.token().rpartition(".")[0]
    tokens = {
        "none": unsigned(issuer, {"alg": "none"}) + ".",
        "None": unsigned(issuer, {"alg": "NoNe", "kid": "first"}) + ".",
        "a shared secret": jwt.encode(issuer.claims(), "s" * 32, "HS256", {"kid": "first"}),
        "the public key as a shared secret": f"{body}.{encoded(confused)}",
        "an accepted algorithm of another kind": issuer.token(
            algorithm="ES256", key=ec.generate_private_key(ec.SECP256R1())
        ),
        "a stranger's key under the issuer's id": issuer.token(key=stranger),
        "a key that the issuer never had": issuer.token(kid=None, key=stranger),
        "an algorithm that is not on the list": issuer.token(algorithm="RS512"),
        "no signature": f"{good}.",
        "its own key": jwt.encode(issuer.claims(), stranger, "RS256", {"jwk": {"kty": "RSA"}, "kid": "mine"}),
    }
    async with trusting(opened, issuer) as client:
        for name, token in tokens.items():
            answer = await client.get("/me", headers=bearer(token))
            assert answer.status_code == 401, name
            refused(answer)


async def test_a_new_key_is_fetched_and_invented_ones_do_not_flood_the_issuer(
    opened: Open, issuer: Issuer
) -> None:
    async with trusting(opened, issuer) as client:
        for _ in range(3):
            assert (await client.get("/me", headers=bearer(issuer.token()))).status_code == 200
        assert issuer.asked["jwks_uri"] == 1
        issuer.keys["second"] = ec.generate_private_key(ec.SECP256R1())
        rotated = issuer.token(kid="second", algorithm="ES256")
        assert (await client.get("/me", headers=bearer(rotated))).status_code == 200
        assert issuer.asked["jwks_uri"] == 2
        invented = [issuer.token(kid=f"k{number}", key=issuer.keys["first"]) for number in range(5)]
        answers = await asyncio.gather(*(client.get("/me", headers=bearer(token)) for token in invented))
        for answer in answers:
            refused(answer, "a key that is not the issuer's")
        assert issuer.asked["jwks_uri"] == 2


async def test_keys_that_were_withdrawn_are_forgotten(
    opened: Open, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = issuer.token()
    async with trusting(opened, issuer) as client:
        assert (await client.get("/me", headers=bearer(token))).status_code == 200
        kept = issuer.keys.pop("first")
        issuer.keys["second"] = ec.generate_private_key(ec.SECP256R1())
        monkeypatch.setattr(keys, "FRESH", 0.0)
        refused(await client.get("/me", headers=bearer(token)), "a key that is not the issuer's")
    issuer.keys["first"] = kept


async def test_an_issuer_that_is_away_is_no_refusal_and_known_keys_do(
    opened: Open, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuer.away = True
    token = bearer(issuer.token())
    async with trusting(opened, issuer) as client:
        for _ in range(2):
            answer = await client.get("/me", headers=token)
            assert answer.status_code == 503 and answer.headers["retry-after"]
            assert issuer.url in answer.json()["detail"]
        assert issuer.asked["openid-configuration"] == 1
        issuer.away = False
        monkeypatch.setattr(keys, "FAILURE_PAUSE", 0.0)
        assert (await client.get("/me", headers=token)).status_code == 200
        issuer.away = True
        monkeypatch.setattr(keys, "FRESH", 0.0)
        assert (await client.get("/me", headers=token)).status_code == 200


async def test_a_configuration_of_another_issuer_is_not_believed(opened: Open, issuer: Issuer) -> None:
    issuer.name = "https://elsewhere.example.org"
    async with trusting(opened, issuer) as client:
        assert (await client.get("/me", headers=bearer(issuer.token()))).status_code == 503
    assert issuer.asked["jwks_uri"] == 0


async def test_claims_can_be_elsewhere_and_get_prefixes(opened: Open, issuer: Issuer) -> None:
    roles: dict[str, Any] = {
        "realm_access": {"roles": ["dev", "system:masters", 7]},
        "email": "a@example.org",
    }
    where = {"oidc_groups_claim": "realm_access.roles", "oidc_username_claim": "email"}
    async with trusting(opened, issuer, **where) as client:
        answer = await client.get("/me", headers=bearer(issuer.token(**roles)))
        refused(answer, "has not verified the e-mail address")
        me = (await client.get("/me", headers=bearer(issuer.token(**roles, email_verified=True)))).json()
    assert (me["user"], me["groups"]) == ("a@example.org", ["dev", "system:authenticated"])
    prefixes = {"oidc_groups_prefix": "kc:", "oidc_username_prefix": "kc:"}
    async with trusting(opened, issuer, **where, **prefixes) as client:
        me = (await client.get("/me", headers=bearer(issuer.token(**roles, email_verified=True)))).json()
    assert (me["user"], me["groups"]) == (
        "kc:a@example.org",
        ["kc:dev", "kc:system:masters", "system:authenticated"],
    )


async def test_ways_stand_side_by_side(opened: Open, issuer: Issuer) -> None:
    settings = {"oidc_issuer": issuer.url, "oidc_audiences": [AUDIENCE]}
    async with opened("tokens", "oidc", **settings) as client:
        assert (await client.get("/me", headers=bearer(issuer.token()))).json()["user"] == "alice"
        refused(await client.get("/me", headers=bearer("krake_" + "A" * 43)), "not known")
        refused(await client.get("/me"), "Who makes this request?")


async def test_a_token_that_ends_meanwhile(opened: Open, issuer: Issuer) -> None:
    async with trusting(opened, issuer) as client:
        for exp, status in ((time.time() - 5, 200), (time.time() - 60, 401)):
            answer = await client.get("/me", headers=bearer(issuer.token(exp=int(exp))))
            assert answer.status_code == status


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"oidc_issuer": "https://id.example.org"},
        {"oidc_issuer": "http://id.example.org", "oidc_audiences": ["krake"]},
        {
            "oidc_issuer": "https://id.example.org",
            "oidc_audiences": ["krake"],
            "authentication_ca": "/nowhere/ca.pem",
        },
    ],
)
def test_settings_that_do_not_suffice(changes: dict[str, Any], settings: Settings, store: Store) -> None:
    changed = settings.model_copy(update={"authentication": [AuthenticationWay.OIDC], **changes})
    with pytest.raises(KrakeError) as caught:
        authenticator(changed, store)
    assert "KRAKE_" in caught.value.fix


def test_shared_secrets_are_no_choice() -> None:
    for algorithm in ("HS256", "none"):
        with pytest.raises(ValueError, match="oidc_algorithms"):
            Settings.model_validate({"oidc_algorithms": [algorithm]})

"""Clouds and infrastructure providers over HTTP: their secrets, their references, their status."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import httpx
import orjson
import pytest

from api.examples import EXAMPLES
from krake.models.kubeconfig import REDACTED
from krake.store import Store

CLOUDS = "/infrastructure/namespaces/testing/clouds"
GLOBAL_CLOUDS = "/infrastructure/globalclouds"
PROVIDERS = "/infrastructure/namespaces/testing/infrastructureproviders"
PASSWORD = "s3cr3t-passw0rd-of-the-cl0ud"


@pytest.fixture
def url(sqlite_url: str) -> str:
    """One database is enough here: the contract holds on both."""
    return sqlite_url


def cloud(kind: str = "Cloud", **openstack: Any) -> dict[str, Any]:
    """A cloud with a password."""
    document = deepcopy(EXAMPLES[kind])
    document["spec"]["openstack"] |= openstack
    document["spec"]["openstack"]["auth"]["password"]["user"]["password"] = PASSWORD
    return document


def provider(**im: Any) -> dict[str, Any]:
    """An infrastructure provider."""
    return {"metadata": {"name": "im"}, "spec": {"type": "im", "im": {"url": "https://im.example.org", **im}}}


async def test_passwords_of_clouds_are_kept_and_never_shown(client: httpx.AsyncClient, store: Store) -> None:
    made = await client.post(CLOUDS, json=cloud())
    shown = made.json()
    assert (shown["status"]["state"], shown["status"]["metrics_reasons"]) == ("ONLINE", {})
    user = shown["spec"]["openstack"]["auth"]["password"]["user"]
    assert user["password"] == REDACTED
    shown["metadata"]["labels"] = {"tier": "gold"}
    answers = [made, await client.put(f"{CLOUDS}/openstack", json=shown), await client.get(CLOUDS)]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert not [answer for answer in answers if PASSWORD in answer.text]
    kept = await store.secret((await store.get("Cloud", "testing", "openstack")).uid, "spec")
    assert kept is not None
    assert orjson.loads(kept)["openstack"]["auth"]["password"]["user"]["password"] == PASSWORD

    shown["spec"]["openstack"]["url"] = "https://elsewhere.example.org"
    refused = await client.put(f"{CLOUDS}/openstack", json=shown)
    assert refused.status_code == 422
    assert "give it again" in refused.text


@pytest.mark.parametrize(
    ("path", "document", "message"),
    [
        (PROVIDERS, provider(), "A token, or a username and a password"),
        (PROVIDERS, provider(username="krake"), "A token, or a username and a password"),
        (PROVIDERS, provider(token=REDACTED), "no value of it is stored"),
        (
            PROVIDERS,
            {"metadata": {"name": "a"}, "spec": {"type": "ec3"}},
            "Unknown type 'ec3'. There are: im, magnum, nova, custom",
        ),
        (
            CLOUDS,
            {"metadata": {"name": "a"}, "spec": {}},
            "The field 'type' is required. There are: openstack",
        ),
        (CLOUDS, cloud(auth={"type": "token", "password": {"user": {}}}), "Unknown type 'token'"),
        (
            GLOBAL_CLOUDS,
            cloud("GlobalCloud", infrastructure_provider={"name": "im", "namespaced": True}),
            "must not refer to what is in a namespace: infrastructure provider im",
        ),
        (
            GLOBAL_CLOUDS,
            cloud("GlobalCloud", metrics=[{"name": "load", "weight": 1, "namespaced": True}]),
            "metric load",
        ),
    ],
)
async def test_what_does_not_fit_is_refused_with_a_word(
    client: httpx.AsyncClient, path: str, document: dict[str, Any], message: str
) -> None:
    answer = await client.post(path, json=document)
    assert answer.status_code == 422
    assert message in answer.json()["detail"]


@pytest.mark.parametrize("credentials", [{"token": "t"}, {"username": "u", "password": "p"}])
async def test_providers_take_a_token_or_a_password(
    client: httpx.AsyncClient, credentials: dict[str, str]
) -> None:
    made = await client.post(PROVIDERS, json=provider(**credentials))
    assert made.status_code == 201
    part = made.json()["spec"]["im"]
    secret = "token" if "token" in credentials else "password"
    assert part[secret] == REDACTED


async def test_status_of_a_cloud_is_what_was_reported(client: httpx.AsyncClient) -> None:
    shown = (await client.post(CLOUDS, json=cloud())).json()
    reason = {"code": "UNREACHABLE_METRICS_PROVIDER", "message": "no answer"}
    shown["status"] |= {"state": "FAILING_METRICS", "metrics_reasons": {"green-energy": reason}}
    shown["metadata"]["labels"] = {"ignored": "yes"}
    answer = await client.put(f"{CLOUDS}/openstack/status", json=shown)
    assert answer.status_code == 200
    assert answer.json()["status"] == shown["status"]
    assert answer.json()["metadata"]["labels"] == {}
    assert answer.json()["metadata"]["modified"] == shown["metadata"]["modified"]


async def test_deleting_what_is_used_by_force_is_said_in_the_event(client: httpx.AsyncClient) -> None:
    await client.post(CLOUDS, json=cloud(infrastructure_provider={"name": "im", "namespaced": True}))
    await client.post(PROVIDERS, json=provider(token="t"))
    await client.delete(f"{PROVIDERS}/im", params={"force": "True"})
    events = (await client.get(f"{PROVIDERS}/im/events")).json()["items"]
    assert events[-1]["message"] == "still used by cloud testing/openstack"

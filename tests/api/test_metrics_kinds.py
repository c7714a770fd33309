"""Metrics and their providers over HTTP: namespaced and global, with secrets, removed at once."""

from __future__ import annotations

from typing import Any

import httpx
import orjson
import pytest

from krake.models.kinds import KINDS
from krake.models.kubeconfig import REDACTED
from krake.store import Store

METRICS = "/core/namespaces/testing/metrics"
GLOBAL_METRICS = "/core/globalmetrics"
PROVIDERS = "/core/namespaces/testing/metricsproviders"
GLOBAL_PROVIDERS = "/core/globalmetricsproviders"
TOKEN = "s3cr3t-t0ken-of-the-pr0vider"


def metric(name: str = "load", **spec: Any) -> dict[str, Any]:
    """A metric as `rok` creates it."""
    source = {"name": "prom", "metric": name}
    return {"metadata": {"name": name}, "spec": {"min": 0, "max": 1, "provider": source, **spec}}


def prometheus(name: str = "prom", **fields: Any) -> dict[str, Any]:
    """A provider with a token."""
    part = {"url": "http://prometheus:9090", "token": TOKEN, **fields}
    return {"metadata": {"name": name}, "spec": {"type": "prometheus", "prometheus": part}}


@pytest.mark.parametrize(
    ("path", "document", "namespace"),
    [
        (METRICS, metric(), "testing"),
        (GLOBAL_METRICS, metric(), None),
        (PROVIDERS, prometheus(), "testing"),
        (GLOBAL_PROVIDERS, prometheus(), None),
    ],
)
async def test_the_life_of_each_kind(
    client: httpx.AsyncClient, store: Store, path: str, document: dict[str, Any], namespace: str | None
) -> None:
    made = await client.post(path, json=document)
    assert made.status_code == 201, made.text
    name = document["metadata"]["name"]
    one = made.headers["Location"]
    assert one == f"{path}/{name}"
    assert made.json()["metadata"]["namespace"] == namespace
    assert (await client.post(path, json=document)).status_code == 409
    assert (await client.get(one)).json() == made.json()
    assert [item["metadata"]["name"] for item in (await client.get(path)).json()["items"]] == [name]
    assert (await client.get(f"{one}/operations")).status_code == 404

    changed = made.json()
    changed["metadata"]["labels"] = {"tier": "gold"}
    updated = await client.put(one, json=changed)
    assert (updated.status_code, updated.json()["metadata"]["generation"]) == (200, 2)
    assert await store.unobserved(10) == []

    deleted = await client.delete(one)
    assert deleted.status_code == 200
    assert deleted.json()["metadata"]["deleted"]
    assert (await client.get(one)).status_code == 404
    events = (await client.get(f"{one}/events")).json()["items"]
    assert [(item["type"], item["actor"]) for item in events] == [
        ("Created", "tester"),
        ("Updated", "tester"),
        ("Deleted", "tester"),
    ]
    assert (await client.post(path, json=document)).status_code == 201


async def test_lists_of_all_namespaces_and_watches(
    client: httpx.AsyncClient, http: httpx.AsyncClient
) -> None:
    for namespace in ("testing", "other"):
        await client.post(f"/core/namespaces/{namespace}/metrics", json=metric())
    listing = (await client.get("/core/metrics")).json()
    assert [item["metadata"]["namespace"] for item in listing["items"]] == ["other", "testing"]
    since = listing["metadata"]["revision"]
    await client.post(GLOBAL_METRICS, json=metric())
    parameters = {"watch": "", "since": since, "heartbeat": 1}
    async with http.stream("GET", GLOBAL_METRICS, params=parameters) as stream:
        line = orjson.loads(await anext(stream.aiter_lines()))
    assert (line["type"], line["object"]["kind"]) == ("ADDED", "GlobalMetric")


async def test_secrets_of_providers_are_kept_and_never_shown(client: httpx.AsyncClient, store: Store) -> None:
    made = (await client.post(PROVIDERS, json=prometheus())).json()
    assert made["spec"]["prometheus"]["token"] == REDACTED
    made["metadata"]["labels"] = {"a": "b"}
    answers = [await client.put(f"{PROVIDERS}/prom", json=made), await client.get(PROVIDERS)]
    assert answers[0].status_code == 200
    assert not [answer for answer in answers if TOKEN in answer.text]
    record = await store.get("MetricsProvider", "testing", "prom")
    kept = await store.secret(record.uid, "provider")
    assert kept is not None
    assert orjson.loads(kept)["prometheus"]["token"] == TOKEN

    made["spec"]["prometheus"]["url"] = "http://elsewhere"
    refused = await client.put(f"{PROVIDERS}/prom", json=made)
    assert refused.status_code == 422
    assert "give the credentials again" in refused.text
    changed = await client.put(f"{PROVIDERS}/prom", json=prometheus(token="another"))
    assert changed.json()["metadata"]["generation"] == 3


async def test_deleting_what_is_used_is_said_in_the_event(client: httpx.AsyncClient) -> None:
    await client.post(PROVIDERS, json=prometheus())
    await client.post(METRICS, json=metric())
    assert (await client.delete(f"{PROVIDERS}/prom")).status_code == 200
    events = (await client.get(f"{PROVIDERS}/prom/events")).json()["items"]
    assert events[-1]["message"] == "still used by metric testing/load"


@pytest.mark.parametrize(
    ("path", "document", "field"),
    [
        (METRICS, metric(min=1, max=1), "spec"),
        (METRICS, metric(weight=1), "spec.weight"),
        (
            GLOBAL_METRICS,
            metric() | {"metadata": {"name": "a", "namespace": "testing"}},
            "metadata.namespace",
        ),
        (METRICS, metric() | {"metadata": {"name": "a", "finalizers": ["x"]}}, "metadata.finalizers"),
        (PROVIDERS, prometheus(url="ftp://x"), "spec.prometheus.url"),
        (PROVIDERS, prometheus(token=REDACTED), "spec.prometheus"),
    ],
)
async def test_what_does_not_fit_is_named(
    client: httpx.AsyncClient, path: str, document: dict[str, Any], field: str
) -> None:
    answer = await client.post(path, json=document)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_the_openapi_document_has_all_kinds(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    for kind in KINDS.values():
        assert set(paths[f"{kind.collection}/{{name}}"]) == {"get", "put", "delete"}
    parameters = paths["/core/globalmetrics/{name}"]["get"]["parameters"]
    assert [parameter["name"] for parameter in parameters] == ["name", "If-None-Match"]

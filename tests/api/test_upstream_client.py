"""A client that was written for the original Krake's API, as `rok` 1.x and its Python client work."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx

from krake.store import Store
from tests.api.documents import CLUSTERS, application, cluster
from tests.support.store import remove


class UpstreamClient:
    """Knows nothing of revisions, ETags, selectors and pages; checks what upstream's client relies on."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def request(self, method: str, path: str, **arguments: Any) -> Any:
        """The JSON answer, or the problem as upstream's `ClientError` shows it."""
        response = await self._http.request(method, path, **arguments)
        document = response.json()
        if response.status_code >= 400:
            raise RuntimeError(f"{document.get('title')} {document['type']} {document['detail']}")
        return document

    async def watch(self, path: str, heartbeat: int, ready: asyncio.Event) -> AsyncIterator[dict[str, Any]]:
        """Opened before the list; whoever lists afterwards misses nothing."""
        params = {"watch": "", "heartbeat": str(heartbeat)}
        async with self._http.stream("GET", path, params=params, timeout=10) as response:
            assert response.headers["content-type"] == "application/x-ndjson"
            ready.set()
            async for line in response.aiter_lines():
                if line:
                    yield json.loads(line)


APPLICATIONS = "/kubernetes/namespaces/testing/applications"


def complete(document: dict[str, Any]) -> dict[str, Any]:
    """The document as upstream's client serialises it: with every field that it knows, empty or not."""
    document["api"], document["kind"] = "kubernetes", "Application"
    document["metadata"] |= {
        "namespace": "testing",
        "labels": {},
        "inherit_labels": False,
        "finalizers": [],
        "owners": [],
        "uid": None,
        "created": None,
        "modified": None,
        "deleted": None,
    }
    document["spec"] |= {
        "tosca": {},
        "csar": None,
        "observer_schema": [],
        "constraints": {
            "cluster": {"labels": None, "custom_resources": [], "metrics": None},
            "migration": True,
        },
        "hooks": [],
        "shutdown_grace_time": None,
        "backoff": 1,
        "backoff_delay": 1,
        "backoff_limit": -1,
        "storage_migration": "none",
        "auto_cluster_create": False,
    }
    document["status"] = {"state": "PENDING", "container_health": {"desired_pods": 0}, "services": {}}
    return document


async def test_client_for_the_original_krake_works_without_change(
    http: httpx.AsyncClient, store: Store
) -> None:
    client, ready = UpstreamClient(http), asyncio.Event()
    seen: list[tuple[str, str]] = []

    async def follow() -> None:
        async for event in client.watch("/kubernetes/applications", 1, ready):
            seen.append((event["type"], event["object"]["metadata"]["name"]))
            if event["type"] == "DELETED":
                return

    following = asyncio.create_task(follow())
    await asyncio.wait_for(ready.wait(), 5)
    listed = await client.request("GET", "/kubernetes/applications")
    assert (listed["kind"], listed["items"]) == ("ApplicationList", [])

    made = await client.request("POST", APPLICATIONS, json=complete(application()))
    assert made["metadata"]["uid"]
    assert made["metadata"]["created"] == made["metadata"]["modified"]
    changed = await client.request("GET", f"{APPLICATIONS}/echo")
    changed["metadata"]["labels"] = {"tier": "gold"}
    changed["spec"]["constraints"]["cluster"]["labels"] = ["location is DE"]
    put = await client.request("PUT", f"{APPLICATIONS}/echo", params={"blocking": "False"}, json=changed)
    assert put["metadata"]["labels"] == {"tier": "gold"}
    assert put["metadata"]["modified"] > made["metadata"]["modified"]

    deleted = await client.request("DELETE", f"{APPLICATIONS}/echo", params={"force": "False"})
    assert deleted["metadata"]["deleted"]
    again = await client.request("DELETE", f"{APPLICATIONS}/echo")
    assert again["metadata"]["deleted"] == deleted["metadata"]["deleted"]
    await remove(store, await store.get("Application", "testing", "echo"))
    await asyncio.wait_for(following, 5)
    assert (seen[0], seen[-1]) == (("ADDED", "echo"), ("DELETED", "echo"))


async def problem(client: UpstreamClient, method: str, path: str, **arguments: Any) -> str:
    """What upstream's client tells its user of a failure."""
    try:
        await client.request(method, path, **arguments)
    except RuntimeError as error:
        return str(error)
    return ""


async def test_its_problem_documents_are_those_it_knows(client: httpx.AsyncClient) -> None:
    upstream = UpstreamClient(client)
    missing = await problem(upstream, "GET", f"{APPLICATIONS}/nothing")
    assert missing.startswith("NOT_FOUND_ERROR ")
    assert "problem.html#not-found-error" in missing
    assert "'nothing' does not exist in namespace 'testing'" in missing
    await upstream.request("POST", CLUSTERS, json=cluster())
    taken = await problem(upstream, "POST", CLUSTERS, json=cluster())
    assert taken.startswith("RESOURCE_ALREADY_EXISTS ")
    assert "Cluster 'de' already exists in namespace 'testing'" in taken
    renamed = await problem(upstream, "PUT", f"{CLUSTERS}/de", json=cluster("it"))
    assert renamed.startswith("UPDATE_ERROR ")
    assert "Trying to update an immutable field: name" in renamed
    gone = await upstream.request("DELETE", f"{CLUSTERS}/de", params={"force": "True"})
    assert gone["metadata"]["deleted"]
    assert (await upstream.request("GET", CLUSTERS))["items"] == []


async def test_what_it_asks_of_the_server_itself(client: httpx.AsyncClient) -> None:
    upstream = UpstreamClient(client)
    assert set(await upstream.request("GET", "/")) == {"version"}
    me = await upstream.request("GET", "/me")
    assert (me["user"], me["roles"]) == ("tester", [])
    assert (await client.get("/release")).status_code == 202

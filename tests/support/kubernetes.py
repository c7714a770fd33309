"""A sandbox cluster as its administrator sees it: nothing here asks Krake."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from kubernetes.aio.client import ApiClient

from krake.embedded.sandbox import Sandbox
from tests.support.servers import kubernetes_client
from tests.support.waiting import until

Document = dict[str, Any]

OWNER = "krake/application-uid"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
CONFIG_MAPS = "/api/v1/namespaces/default/configmaps"
SERVICES = "/api/v1/namespaces/default/services"


class KubernetesError(Exception):
    """The API server refused."""


class Kubernetes:
    """Reads and changes objects of one cluster by their paths."""

    def __init__(self, sandbox: Sandbox, api: ApiClient) -> None:
        self.sandbox = sandbox
        self.name = sandbox.name
        self._api = api
        self._collections: list[str] = []

    async def find(self, path: str) -> Document | None:
        """The object at a path, or None."""
        status, document = await self._exchange("GET", path)
        if status == 404:
            return None
        return self._checked(status, document)

    async def get(self, path: str) -> Document:
        """The object at a path, which has to be there."""
        found = await self.find(path)
        assert found is not None, f"{path} is not on {self.name}"
        return found

    async def create(self, collection: str, document: Document) -> Document:
        """Create an object as somebody who is not Krake."""
        return self._checked(*await self._exchange("POST", collection, document))

    async def merge(self, path: str, change: Document) -> Document:
        """Change an object as somebody who is not Krake."""
        kind = "application/merge-patch+json"
        return self._checked(*await self._exchange("PATCH", path, change, kind))

    async def delete(self, path: str) -> None:
        """Delete an object as somebody who is not Krake."""
        self._checked(*await self._exchange("DELETE", path))

    async def answer(self, method: str, path: str) -> tuple[int, Document]:
        """Status and document of whatever the API server answers."""
        return await self._exchange(method, path)

    async def owned(self, uid: str = "") -> list[str]:
        """Every object of whatever kind that carries Krake's mark, of one application or of any."""
        selector = f"{OWNER}={uid}" if uid else OWNER
        found = []
        for collection in await self._everything():
            status, listing = await self._exchange("GET", f"{collection}?labelSelector={selector}")
            if status != 404:
                items = self._checked(status, listing).get("items") or []
                found += [f"{collection.rpartition('/')[2]}/{item['metadata']['name']}" for item in items]
        # Kubernetes makes these from Services, and removes them with those.
        return sorted(one for one in found if not one.startswith(("endpoints/", "endpointslices/")))

    async def pods(self, app: str) -> list[Document]:
        """The Pods with the label `app`."""
        listing = await self.get(f"/api/v1/namespaces/default/pods?labelSelector=app={app}")
        return list(listing["items"])

    async def until_there(self, path: str, seconds: float = 30) -> None:
        """Wait until there is an object at a path."""

        async def there() -> bool:
            return await self.find(path) is not None

        await until(f"{path} is on {self.name}", there, seconds)

    async def until_replicas(self, name: str, count: int) -> None:
        """Wait until a Deployment has this many available replicas, and not more Pods."""

        async def there() -> bool:
            status = (await self.get(f"{DEPLOYMENTS}/{name}")).get("status") or {}
            available: int = status.get("availableReplicas", 0)
            return available == count == len(await self.pods(name))

        await until(f"{name} has {count} replicas on {self.name}", there)

    @contextmanager
    def frozen(self, *parts: str) -> Iterator[None]:
        """Stop parts of the control plane with SIGSTOP: they exist and do not answer."""
        pids = [pid for part, pid in self.sandbox.pids().items() if part in parts]
        assert len(pids) == len(parts)
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    async def _everything(self) -> list[str]:
        """The collections of all kinds that can be listed, custom ones of tests left out."""
        if not self._collections:
            groups = (await self.get("/apis"))["groups"]
            newest = [f"/apis/{group['preferredVersion']['groupVersion']}" for group in groups]
            for version in ["/api/v1", *newest]:
                kinds = [kind for kind in (await self.get(version))["resources"] if "list" in kind["verbs"]]
                self._collections += [f"{version}/{kind['name']}" for kind in kinds]
        return self._collections

    async def _exchange(
        self, method: str, path: str, body: Document | None = None, kind: str = "application/json"
    ) -> tuple[int, Document]:
        request = await self._api.param_serialize(
            method, path, header_params={"Content-Type": kind}, auth_settings=["BearerToken"]
        )
        answer = await self._api.rest_client.request(method, request[1], headers=request[2], body=body)
        return answer.response.status, await answer.response.json()

    def _checked(self, status: int, document: Document) -> Document:
        if status >= 400:
            raise KubernetesError(f"{self.name}: {document.get('message')}")
        return document


@asynccontextmanager
async def kubernetes(sandbox: Sandbox) -> AsyncIterator[Kubernetes]:
    """A sandbox with a connection to it."""
    async with kubernetes_client(sandbox) as api:
        yield Kubernetes(sandbox, api)

"""A client that wants an application to be there at every moment, on whichever cluster."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.support.kubernetes import DEPLOYMENTS, Kubernetes

INTERVAL = 0.1
"""Seconds between two looks."""
SLICES = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices"


class Watcher:
    """Looks at a Deployment and the Service of the same name on some clusters, ten times a second."""

    def __init__(self, name: str, *clusters: Kubernetes) -> None:
        self._name = name
        self._clusters = clusters
        self.looks: list[frozenset[str]] = []
        """Names of the clusters with a ready copy, look by look."""

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            started = time.monotonic()
            ready = await asyncio.gather(*(self._ready(cluster) for cluster in self._clusters))
            found = zip(self._clusters, ready, strict=True)
            self.looks.append(frozenset(cluster.name for cluster, there in found if there))
            await asyncio.sleep(max(0.0, started + INTERVAL - time.monotonic()))

    async def _ready(self, cluster: Kubernetes) -> bool:
        """Whether a request to the Service would reach a Pod that is ready."""
        found = await cluster.find(f"{DEPLOYMENTS}/{self._name}")
        if not found or not (found.get("status") or {}).get("availableReplicas"):
            return False
        selector = f"kubernetes.io/service-name={self._name}"
        slices = await cluster.get(f"{SLICES}?labelSelector={selector}")
        endpoints = [one for item in slices["items"] for one in item.get("endpoints") or []]
        return any((one.get("conditions") or {}).get("ready") for one in endpoints)


@asynccontextmanager
async def watched(name: str, *clusters: Kubernetes) -> AsyncIterator[Watcher]:
    """Look while the context is open; what a look itself raises ends the test."""
    watcher = Watcher(name, *clusters)
    looking = asyncio.create_task(watcher.run())
    try:
        yield watcher
    finally:
        looking.cancel()
        results = await asyncio.gather(looking, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError), results[0]

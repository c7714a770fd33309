"""The floor: apply until available with nothing between us and the cluster."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from kubernetes.aio.client import ApiClient
from kubernetes.aio.config import new_client_from_config
from kubernetes.aio.dynamic import DynamicClient

from examples.bench.manifest import deployment, service
from examples.bench.waiting import until


class Floor:
    """Applies to one cluster with the official client, server side, and waits by watching."""

    def __init__(self, client: ApiClient, dynamic: Any, deployments: Any, services: Any) -> None:
        self._client = client
        self._dynamic = dynamic
        self._deployments = deployments
        self._services = services

    @classmethod
    async def connect(cls, kubeconfig: Path, discovery_file: Path) -> Floor:
        """A connection with the kinds looked up, so that no measurement pays for that."""
        client = await new_client_from_config(str(kubeconfig))
        dynamic = await DynamicClient(client, cache_file=str(discovery_file))
        deployments = await dynamic.resources.get(api_version="apps/v1", kind="Deployment")
        services = await dynamic.resources.get(api_version="v1", kind="Service")
        return cls(client, dynamic, deployments, services)

    async def deploy(self, name: str) -> float:
        """Seconds from the first apply until the Deployment is available."""
        started = time.perf_counter()
        await self._dynamic.server_side_apply(self._services, body=service(name), field_manager="bench")
        applied = await self._dynamic.server_side_apply(
            self._deployments, body=deployment(name), field_manager="bench"
        )
        version = applied.metadata.resourceVersion
        watch = self._dynamic.watch(
            self._deployments, namespace="default", name=name, resource_version=version, timeout=60
        )
        async for event in watch:
            if (event["raw_object"].get("status") or {}).get("availableReplicas", 0) >= 1:
                await watch.aclose()
                return time.perf_counter() - started
        raise TimeoutError(f"{name} did not become available within a minute")

    async def remove(self, name: str) -> None:
        """Delete both objects and wait until the Deployment's Pods are gone with it."""
        await self._dynamic.delete(self._services, name=name, namespace="default")
        await self._dynamic.delete(
            self._deployments, name=name, namespace="default", body={"propagationPolicy": "Foreground"}
        )

        async def gone() -> bool:
            return not await self._exists(name)

        await until(gone, pause=0.02, patience=60)

    async def _exists(self, name: str) -> bool:
        listing = await self._dynamic.get(
            self._deployments, namespace="default", field_selector=f"metadata.name={name}"
        )
        return bool(listing.items)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

"""A sandbox cluster, looked at with Kubernetes' own client: Krake is not asked."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kubernetes import config
from kubernetes.dynamic import DynamicClient

OBJECTS = (("apps/v1", "Deployment"), ("v1", "Service"))
"""The kinds of objects in the demo's manifest."""
PATIENCE = 30.0
"""Seconds that Kubernetes may take to end Pods whose Deployment is gone."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """One cluster of the demo, with the place that its label says it is in."""

    name: str
    location: str
    kubeconfig: Path

    def objects(self, name: str) -> list[str]:
        """The objects of this name that are on the cluster, in whatever namespace."""
        api = self._api()
        return [f"{one.kind} {name}" for kind in OBJECTS for one in _find(api, *kind, name)]

    def ready_replicas(self, name: str) -> int:
        """Ready replicas of the Deployment, 0 where there is none."""
        found = _find(self._api(), *OBJECTS[0], name)
        return sum(one.status.readyReplicas or 0 for one in found)

    def pods_end(self, label: str) -> bool:
        """Whether all Pods with the label end within some seconds."""
        pods = self._api().resources.get(api_version="v1", kind="Pod")
        deadline = time.monotonic() + PATIENCE
        while pods.get(label_selector=label).items:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.2)
        return True

    def remove(self, name: str) -> None:
        """Remove what an interrupted demo left."""
        api = self._api()
        for kind in OBJECTS:
            for one in _find(api, *kind, name):
                resource = api.resources.get(api_version=kind[0], kind=kind[1])
                resource.delete(name=name, namespace=one.metadata.namespace)

    def _api(self) -> Any:
        return DynamicClient(config.new_client_from_config(str(self.kubeconfig)))


def _find(api: Any, version: str, kind: str, name: str) -> list[Any]:
    resource = api.resources.get(api_version=version, kind=kind)
    return list(resource.get(field_selector=f"metadata.name={name}").items)

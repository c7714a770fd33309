"""What should be, according to the operations that the API accepted: a model small enough to be believed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.support.manifests import config_map, deployment, service

Document = dict[str, Any]


@dataclass(slots=True)
class Application:
    """An application as its user last asked for it."""

    name: str
    token: str
    """What the newest generation's ConfigMap holds."""
    extra: bool = False
    """Whether the newest generation has a second ConfigMap, so that dropping it has to remove it."""
    location: str | None = None
    """The location that its cluster has to be in."""

    @property
    def manifest(self) -> list[Document]:
        """The objects of the newest generation."""
        objects = [deployment(self.name), service(self.name), config_map(self.name, token=self.token)]
        return [*objects, config_map(f"{self.name}-extra", token=self.token)] if self.extra else objects

    @property
    def objects(self) -> frozenset[str]:
        """The objects as `kind/name`."""
        return frozenset(f"{item['kind']}/{item['metadata']['name']}" for item in self.manifest)

    def document(self, namespace: str) -> Document:
        """The body that creates it, or replaces what was there."""
        labels = [f"location is {self.location}"] if self.location else []
        return {
            "api": "kubernetes",
            "kind": "Application",
            "metadata": {"name": self.name, "namespace": namespace},
            "spec": {"manifest": self.manifest, "constraints": {"cluster": {"labels": labels}}},
        }


@dataclass(slots=True)
class Model:
    """Every application that should be there, and the clusters that take none at the moment."""

    applications: dict[str, Application] = field(default_factory=dict)
    cordoned: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    touched: dict[str, int] = field(default_factory=dict)
    """How many operations each application, or cluster, saw since the last comparison."""

    def touch(self, name: str) -> None:
        """Note that an operation concerned something."""
        self.touched[name] = self.touched.get(name, 0) + 1

"""The collections of resources that `rok` works on, with their REST paths."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Collection:
    """One kind of resource: its REST path and what it is called in commands and messages."""

    api: str
    kind: str
    plural: str
    command: str
    """The group of commands, as a user types it after `rok`."""

    @property
    def noun(self) -> str:
        """The kind inside a sentence."""
        return self.kind.lower()

    def path(self, namespace: str | None, name: str = "", part: str = "") -> str:
        """The path of the collection (`namespace` None: of all namespaces), a resource, or a part of it."""
        inside = f"/namespaces/{_quote(namespace)}" if namespace is not None else ""
        tail = "".join(f"/{_quote(piece)}" for piece in (name, part) if piece)
        return f"/{self.api}{inside}/{self.plural}{tail}"


def _quote(text: str) -> str:
    return quote(text, safe="")


APPLICATIONS = Collection("kubernetes", "Application", "applications", "kube app")
CLUSTERS = Collection("kubernetes", "Cluster", "clusters", "kube cluster")

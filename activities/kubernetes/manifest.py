"""From an application's manifest to the objects to apply, in phases."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from activities.kubernetes.connections import Access
from activities.kubernetes.discovery import ServedKind
from activities.kubernetes.errors import ClusterError
from activities.kubernetes.objects import ObjectKey, phase_of

_CRD_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Desired:
    """One object of a manifest. `served` is empty while its definition has to be applied first."""

    manifest: dict[str, Any]
    served: ServedKind | None

    @property
    def kind(self) -> str:
        """The kind it declares."""
        return str(self.manifest["kind"])

    def key(self, default_namespace: str) -> ObjectKey:
        """Its identity on the cluster."""
        namespaced = self.served is None or self.served.namespaced
        namespace = self.manifest["metadata"].get("namespace") or default_namespace
        return ObjectKey(
            self.manifest["apiVersion"],
            self.kind,
            namespace if namespaced else "",
            str(self.manifest["metadata"]["name"]),
        )


async def resolve(access: Access, manifest: list[dict[str, Any]]) -> list[Desired]:
    """Look up every kind of the manifest before anything is applied.

    Raises:
        ClusterError: a kind is neither served nor defined by the manifest itself.
    """
    definitions = [item for item in manifest if item["kind"] == "CustomResourceDefinition"]
    for item in definitions:
        access.discovery.forget(str((item.get("spec") or {}).get("group", "")))
    lenient = bool(definitions)
    return [Desired(item, await _find(access, item, lenient=lenient)) for item in manifest]


async def _find(access: Access, item: dict[str, Any], *, lenient: bool) -> ServedKind | None:
    try:
        return await access.discovery.find(item["apiVersion"], item["kind"])
    except ClusterError as error:
        if lenient and error.not_served:
            return None
        raise


async def served_kind(access: Access, desired: Desired) -> ServedKind:
    """The kind of an object whose definition was applied just before; waits until the cluster serves it.

    Raises:
        ClusterError: it is not served within some seconds.
    """
    if desired.served is not None:
        return desired.served
    deadline = asyncio.get_running_loop().time() + _CRD_SECONDS
    while True:
        lenient = asyncio.get_running_loop().time() < deadline
        found = await _find(access, desired.manifest, lenient=lenient)
        if found is not None:
            return found
        await asyncio.sleep(0.2)


def phases(objects: list[Desired]) -> list[list[Desired]]:
    """The objects in the order in which they are applied; those of one phase side by side."""
    ordered = sorted(objects, key=lambda item: phase_of(item.kind))
    return [list(group) for _, group in groupby(ordered, key=lambda item: phase_of(item.kind))]

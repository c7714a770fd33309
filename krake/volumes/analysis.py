"""Which volumes of a manifest carry data that has to move with the application. No I/O."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from krake.volumes.mounts import Mount, data_mounts

Document = dict[str, Any]

_CONTROLLERS = frozenset(
    {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Pod"}
)
_RUN_TO_THE_END = frozenset({"Job", "CronJob"})
_OF_THE_POD = ("emptyDir", "ephemeral")
"""Volumes that live and die with a Pod. All others are filled by Kubernetes (configMap, secret, projected,
downwardAPI) or belong to somebody else (hostPath to the node, nfs and the like to a server outside)."""


@dataclass(frozen=True, slots=True)
class DataVolume:
    """One mount whose content has to move.

    Attributes:
        namespace: where its Pods are; empty for the default of each cluster's kubeconfig.
        claim: the PersistentVolumeClaim; empty for a volume of the Pod itself.
        pod: the Pod's name where it is known beforehand: bare Pods and those of StatefulSets.
        labels: what selects the Pods otherwise.
        mount: the container and the path in it.
        owner: the workload, for people.
    """

    namespace: str
    claim: str
    pod: str
    labels: tuple[tuple[str, str], ...]
    mount: Mount
    owner: str

    def __str__(self) -> str:
        what = f"claim {self.claim}" if self.claim else f"volume {self.mount.volume} of {self.owner}"
        return f"{what} ({self.mount.path})" if self.mount.partial or not self.claim else what


class UnreachableDataError(Exception):
    """A claim of the manifest is used in a way that leaves no running Pod to copy its data through."""


def carries_data(manifest: list[Document]) -> bool:
    """Whether the application keeps data in volumes that has to be copied when it moves."""
    return bool(data_volumes(manifest)) or bool(_claims_of_jobs(manifest))


def data_volumes(manifest: list[Document]) -> list[DataVolume]:
    """Every mount whose content has to be copied; a claim that several workloads mount is named once."""
    found: dict[tuple[str, str, str, str], DataVolume] = {}
    for volume in _all(manifest):
        part = volume.mount.path if volume.mount.partial or not volume.claim else ""
        whose = volume.claim or volume.pod
        key = (volume.namespace, whose, "" if volume.claim else volume.mount.volume, part)
        found.setdefault(key, volume)
    return list(found.values())


def check_reachable(manifest: list[Document]) -> None:
    """Refuse what cannot be copied, before anything is.

    Raises:
        UnreachableDataError: a claim is mounted by Jobs only, whose Pods end.
    """
    mounted = {(volume.namespace, volume.claim) for volume in _all(manifest)}
    for namespace, claim, job in _claims_of_jobs(manifest):
        if (namespace, claim) not in mounted:
            raise UnreachableDataError(
                f"claim {claim} is mounted by {job} alone, whose Pods end: no running Pod shows its data"
            )


def _all(manifest: list[Document]) -> Iterator[DataVolume]:
    claims = _claims(manifest)
    for item in manifest:
        kind = item.get("kind")
        if kind in _CONTROLLERS:
            yield from _of_claims(item, claims)
        if kind == "StatefulSet":
            yield from _of_templates(item)
        if kind == "Pod":
            yield from _of_pod(item)


def _claims(manifest: list[Document]) -> set[tuple[str, str]]:
    items = (item for item in manifest if item.get("kind") == "PersistentVolumeClaim")
    return {(_namespace(item), str(item["metadata"]["name"])) for item in items}


def _of_claims(item: Document, claims: set[tuple[str, str]]) -> Iterator[DataVolume]:
    """Mounts of claims that the manifest brings along; other claims are not the application's."""
    pod = _pod_spec(item)
    for volume in pod.get("volumes") or []:
        claim = _claim_of(volume)
        if (_namespace(item), claim) in claims:
            name = _name(item) if item["kind"] == "Pod" else ""
            for mount in data_mounts(pod, volume["name"]):
                yield DataVolume(_namespace(item), claim, name, _labels(item), mount, _title(item))


def _of_templates(item: Document) -> Iterator[DataVolume]:
    """One claim for each template and replica: `<template>-<StatefulSet>-<ordinal>`."""
    spec = item.get("spec") or {}
    replicas = spec.get("replicas")
    first = int((spec.get("ordinals") or {}).get("start") or 0)
    for ordinal in range(first, first + int(1 if replicas is None else replicas)):
        for template in spec.get("volumeClaimTemplates") or []:
            name, pod = template["metadata"]["name"], f"{_name(item)}-{ordinal}"
            for mount in data_mounts(_pod_spec(item), name):
                yield DataVolume(_namespace(item), f"{name}-{pod}", pod, (), mount, _title(item))


def _of_pod(item: Document) -> Iterator[DataVolume]:
    """Nobody replaces a bare Pod, so what it keeps in its own volumes is worth as much as a claim."""
    pod = _pod_spec(item)
    for volume in pod.get("volumes") or []:
        if any(kind in volume for kind in _OF_THE_POD):
            for mount in data_mounts(pod, volume["name"]):
                yield DataVolume(_namespace(item), "", _name(item), (), mount, _title(item))


def _claims_of_jobs(manifest: list[Document]) -> list[tuple[str, str, str]]:
    claims = _claims(manifest)
    return [
        (_namespace(item), claim, _title(item))
        for item in manifest
        if item.get("kind") in _RUN_TO_THE_END
        for volume in _pod_spec(item).get("volumes") or []
        if (_namespace(item), claim := _claim_of(volume)) in claims
        and data_mounts(_pod_spec(item), volume["name"])
    ]


def _claim_of(volume: Document) -> str:
    """The claim that Pods may write through this volume; empty where there is none."""
    claim = volume.get("persistentVolumeClaim") or {}
    return "" if claim.get("readOnly") else str(claim.get("claimName") or "")


def _pod_spec(item: Document) -> Document:
    spec: Document = item.get("spec") or {}
    if item["kind"] == "Pod":
        return spec
    if item["kind"] == "CronJob":
        spec = (spec.get("jobTemplate") or {}).get("spec") or {}
    pod: Document = (spec.get("template") or {}).get("spec") or {}
    return pod


def _labels(item: Document) -> tuple[tuple[str, str], ...]:
    template = (item.get("spec") or {}).get("template") or {}
    labels = (template.get("metadata") or {}).get("labels") or {}
    return tuple(sorted((str(key), str(value)) for key, value in labels.items()))


def _name(item: Document) -> str:
    return str(item["metadata"]["name"])


def _namespace(item: Document) -> str:
    return str(item["metadata"].get("namespace") or "")


def _title(item: Document) -> str:
    return f"{item['kind']}/{_name(item)}"

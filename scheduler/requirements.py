"""What the manifests of an application ask for: the requests of all Pods that they lead to.

It is a lower bound, as far as manifests tell: an autoscaled workload counts with its fewest replicas, Pods
that operators make of custom resources are not seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from krake.errors import KrakeError
from krake.models.metadata import manifest_name
from krake.models.quantities import PODS
from scheduler.amounts import Amounts, plus, times
from scheduler.podspec import architectures, pod_requests, tolerations
from scheduler.taints import Toleration

_POD: Amounts = ((PODS, 1),)
_REPLICATED = frozenset({"Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"})


class Needs(NamedTuple):
    """The resources that an application needs on a candidate."""

    total: Amounts = ()
    """Sum over all Pods but those of DaemonSets, the number of Pods included."""
    per_node: Amounts = ()
    """What comes on top for each node: the Pods of DaemonSets."""
    pods: tuple[Amounts, ...] = ()
    """Each kind of Pod: one node has to have room for it."""
    architectures: tuple[tuple[str, ...], ...] = ()
    """For each kind of Pod that cares: the processor architectures that it runs on."""


NOTHING = Needs()


@dataclass(frozen=True, slots=True)
class _Workload:
    """Equal Pods and how many of them there are."""

    subject: str
    spec: Mapping[str, Any]
    count: int
    per_node: bool = False


def needs(manifest: Sequence[Mapping[str, Any]]) -> Needs:
    """The needs of everything in the manifest.

    Raises:
        KrakeError: a request is no quantity, or a number of replicas no number; names the object.
    """
    found = list(_workloads(manifest))
    requests = [_told(one.subject, one.spec) for one in found]
    total: list[Amounts] = []
    per_node: list[Amounts] = []
    for one, request in zip(found, requests, strict=True):
        (per_node if one.per_node else total).append(times(plus(request, _POD), one.count))
    present = [(one, request) for one, request in zip(found, requests, strict=True) if one.count]
    return Needs(
        total=plus(*total),
        per_node=plus(*per_node),
        pods=tuple(sorted({request for _, request in present if request})),
        architectures=tuple(
            sorted({wanted for one, _ in present if (wanted := architectures(one.spec)) is not None})
        ),
    )


def common_tolerations(manifest: Sequence[Mapping[str, Any]]) -> tuple[Toleration, ...]:
    """The tolerations that all Pods of the manifest have: what the application as a whole puts up with."""
    found = [tolerations(one.spec) for one in _workloads(manifest)]
    if not found:
        return ()
    return tuple(one for one in found[0] if all(one in others for others in found[1:]))


def _told(subject: str, spec: Mapping[str, Any]) -> Amounts:
    try:
        return pod_requests(spec)
    except ValueError as error:
        raise KrakeError(
            f"{subject}: {error}", fix="Mend the resources of its containers in the manifest"
        ) from None


def _workloads(manifest: Iterable[Mapping[str, Any]]) -> Iterator[_Workload]:
    objects = list(_flat(manifest))
    fewest = {
        (target.get("kind"), target.get("name")): _count(item, "minReplicas")
        for item in objects
        if item.get("kind") == "HorizontalPodAutoscaler" and (target := _at(item, "spec", "scaleTargetRef"))
    }
    for item in objects:
        workload = _workload(item, fewest)
        if workload is not None:
            yield workload


def _flat(manifest: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for item in manifest:
        if item.get("kind") == "List" and isinstance(item.get("items"), list):
            yield from _flat(inner for inner in item["items"] if isinstance(inner, Mapping))
        else:
            yield item


def _workload(item: Mapping[str, Any], fewest: Mapping[Any, int]) -> _Workload | None:
    kind, subject = item.get("kind"), f"{item.get('kind')}/{manifest_name(item)}"
    template = _at(item, "spec", "template", "spec")
    if kind in _REPLICATED:
        count = fewest.get((kind, manifest_name(item)))
        return _Workload(subject, template, _count(item, "replicas") if count is None else count)
    if kind == "DaemonSet":
        return _Workload(subject, template, 1, per_node=True)
    if kind == "Job":
        return _Workload(subject, template, _parallel(item))
    if kind == "CronJob":
        job = {**item, "spec": _at(item, "spec", "jobTemplate", "spec")}
        idle = _at(item, "spec").get("suspend") is True
        return _Workload(subject, _at(job, "spec", "template", "spec"), 0 if idle else _parallel(job))
    if kind == "Pod":
        return _Workload(subject, _at(item, "spec"), 1)
    return None


def _parallel(job: Mapping[str, Any]) -> int:
    """How many Pods of a Job run at the same time."""
    if _at(job, "spec").get("suspend") is True:
        return 0
    parallelism = _count(job, "parallelism")
    completions = _count(job, "completions", parallelism)
    return min(parallelism, completions)


def _count(item: Mapping[str, Any], field: str, default: int = 1) -> int:
    value = _at(item, "spec").get(field)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10**6:
        raise KrakeError(
            f"{item.get('kind')}/{manifest_name(item)}: spec.{field} is {str(value)[:40]!r}",
            why="A whole number from 0 to 1000000 is expected",
            fix="Mend it in the manifest",
        )
    return value


def _at(item: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """The object under the path; an empty one where there is none."""
    for key in path:
        inner = item.get(key)
        item = inner if isinstance(inner, Mapping) else {}
    return item

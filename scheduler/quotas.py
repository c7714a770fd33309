"""Whether a cloud's quotas leave room for a cluster, by what its last survey told.

What a cloud does not tell refuses nothing: an unknown quota, and machines whose size is not known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scheduler.filters import Verdict
from scheduler.snapshot import Candidate, Request

Document = Mapping[str, Any]

_MACHINES = ("instances", "servers")
_CPUS = ("cores", "cpus")
_MEMORY = "memory_mib"
_CLUSTERS = "clusters"


@dataclass(frozen=True, slots=True)
class Machines:
    """What a cluster is made of, by the cloud's names for sizes."""

    workers: int = 1
    control_plane: int = 1
    flavor: str | None = None
    control_plane_flavor: str | None = None

    @classmethod
    def of(cls, spec: Document) -> Machines | None:
        """Those that the spec of a cluster describes; None where a template does, which only its provider
        understands."""
        wanted = spec.get("infrastructure")
        if not wanted:
            return None
        return cls(
            workers=int(wanted.get("nodes", 1)),
            control_plane=int(wanted.get("control_plane_nodes") or 1),
            flavor=wanted.get("flavor"),
            control_plane_flavor=wanted.get("control_plane_flavor") or wanted.get("flavor"),
        )


class WithinQuota:
    """Clouds whose quotas leave no room take no new cluster.

    Args:
        lacking: by uid of each such cloud, what it lacks, in words.
    """

    name = "quota"

    def __init__(self, lacking: Mapping[str, str]) -> None:
        self._lacking = lacking

    def verdict(self, application: Request, candidate: Candidate) -> Verdict:
        """Passes clouds that have room, or do not tell."""
        words = self._lacking.get(candidate.uid)
        return Verdict(not words, words or "no known quota is exceeded")


def lacks(status: Document, machines: Machines | None, ordered: Sequence[Machines | None] = ()) -> str:
    """What the quotas in a cloud's status lack for one more cluster, in words; empty where nothing is known
    to be short.

    Args:
        status: the cloud's, with `flavors` and `quotas`.
        machines: what the cluster is made of; None where that is not known.
        ordered: likewise, of each cluster that was ordered since the cloud told what is used.
    """
    flavors = status.get("flavors") or ()
    needed, promised = _cluster(machines, flavors), Counter[str]()
    for other in ordered:
        promised.update(_cluster(other, flavors))
    told = [
        _told(quota, needed.get(quota["resource"], 0), promised[quota["resource"]])
        for quota in status.get("quotas") or ()
    ]
    return ", ".join(filter(None, told))


def _told(quota: Document, needed: int, promised: int) -> str:
    """What is short, in words. A negative limit is none."""
    limit, left = quota["limit"], max(0, quota["limit"] - quota["used"] - promised)
    if limit < 0 or needed <= left:
        return ""
    others = f" besides {promised} for clusters ordered before" if promised else ""
    return f"quota of {quota['resource']}: needs {needed}, {left} of {limit} left{others}"


def _cluster(machines: Machines | None, flavors: Iterable[Document]) -> dict[str, int]:
    """By resource, what a cluster takes as far as that is known."""
    return {_CLUSTERS: 1, **(_needed(machines, flavors) if machines else {})}


def _needed(machines: Machines, flavors: Iterable[Document]) -> dict[str, int]:
    """By resource, what the machines take at least: those of unknown size count as machines only."""
    sizes = {flavor["name"]: flavor for flavor in flavors}
    groups = ((machines.workers, machines.flavor), (machines.control_plane, machines.control_plane_flavor))
    known = [(count, sizes[name]) for count, name in groups if name in sizes]
    number = machines.workers + machines.control_plane
    cpus = sum(count * int(size["cpus"]) for count, size in known)
    return {
        **dict.fromkeys(_MACHINES, number),
        **dict.fromkeys(_CPUS, cpus),
        _MEMORY: sum(count * int(size["memory_mib"]) for count, size in known),
    }

"""What an application that is to be spread knows of its siblings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from krake.models.cluster import ClusterState
from krake.models.spread import siblings_by
from scheduler.snapshot import Request, Spread

Document = Mapping[str, Any]

_USABLE = frozenset({ClusterState.ONLINE, ClusterState.FAILING_METRICS})


def with_spread(
    request: Request,
    spec: dict[str, Any],
    labels: dict[str, str],
    clusters: Iterable[Document],
    siblings: Iterable[str],
) -> Request:
    """The request with how its siblings are spread; as it is where it does not ask for that.

    A value counts as empty only where the application could go: a place that is away, or that its own
    constraints exclude, must not keep it from all others.

    Args:
        request: what is to be placed.
        spec: the application's spec.
        labels: the application's labels.
        clusters: the clusters as the API shows them.
        siblings: for each sibling the uid of its cluster.
    """
    by = siblings_by(spec, labels)
    if by is None:
        return request
    wanted = spec["constraints"]["cluster"]["spread"]
    places = [one for one in clusters if one["metadata"]["namespace"] == request.namespace]
    values = {one["metadata"]["uid"]: one["metadata"]["labels"].get(wanted["over"]) for one in places}
    counts = Counter(values.get(uid) for uid in siblings)
    for one in places:
        if _could_take(one, request):
            counts.setdefault(values[one["metadata"]["uid"]], 0)
    known = {value: count for value, count in counts.items() if value is not None}
    group = f"{request.namespace}/{by[0]}={by[1]}/{wanted['over']}"
    spread = Spread(wanted["over"], tuple(sorted(known.items())), int(wanted.get("max_skew", 1)), group)
    return replace(request, spread=spread)


def _could_take(cluster: Document, request: Request) -> bool:
    metadata = cluster["metadata"]
    return (
        metadata["deleted"] is None
        and cluster["status"].get("state") in _USABLE
        and not (cluster.get("spec") or {}).get("cordoned")
        and all(wanted.matches(metadata["labels"]) for wanted in request.labels)
    )

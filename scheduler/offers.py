"""The metrics that a cluster offers, as samples to decide on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol

from krake.models.reasons import Reason, ReasonCode
from krake.models.samples import Catalogue, Measured, known_as, metric_key
from scheduler.samples import Limits, Sample

NOWHERE = Limits(0.0, 1.0)
"""The limits of a metric that does not exist."""


def offers(
    refs: list[dict[str, Any]], namespace: str, catalogue: Catalogue, now: datetime, max_age: float
) -> dict[str, Sample]:
    """The samples of a cluster's metrics by what constraints and preferences call them.

    Args:
        refs: `spec.metrics` of the cluster.
        namespace: the cluster's.
        catalogue: all metrics with their values.
        now: the moment to judge ages by.
        max_age: seconds after which a value is too old, where the metric says nothing.
    """
    return {
        known_as(ref): _sample(ref, catalogue.get(metric_key(ref, namespace)), now, max_age) for ref in refs
    }


def metric_refs(spec: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The metrics that a cluster's or a cloud's spec names; a cloud's are in the part of its type."""
    return list(spec.get(spec.get("type", ""), spec).get("metrics") or [])


class Described(Protocol):
    """A stored cluster or cloud, as far as its metrics are concerned."""

    @property
    def uid(self) -> str:
        """Its uid."""
        ...

    @property
    def namespace(self) -> str:
        """Its namespace."""
        ...

    @property
    def spec(self) -> dict[str, Any]:
        """What is desired of it."""
        ...


class Catalogues(Protocol):
    """What all metrics with their values can be read from."""

    async def catalogue(self) -> Catalogue:
        """All metrics with their values."""
        ...


async def metrics_on(
    store: Catalogues,
    clusters: Sequence[Described],
    now: datetime,
    max_age: float,
    clouds: Mapping[str, Described] = MappingProxyType({}),
) -> dict[str, dict[str, Sample]]:
    """The samples of all clusters or clouds, by uid and by the metric's name; most installations have none.

    Args:
        store: where metrics and their values are.
        clusters: whose metrics are wanted.
        now: the moment to judge ages by.
        max_age: seconds after which a value is too old, where the metric says nothing.
        clouds: by uid, the clouds of those clusters that inherit something.
    """
    if not any(metric_refs(item.spec) for item in (*clusters, *clouds.values())):
        return {}
    catalogue = await store.catalogue()

    def own(item: Described) -> dict[str, Sample]:
        return offers(metric_refs(item.spec), item.namespace, catalogue, now, max_age)

    return {
        item.uid: {**inherited(own(clouds[item.uid])), **own(item)} if inherits(item, clouds) else own(item)
        for item in clusters
    }


def inherits(cluster: Described, clouds: Mapping[str, Described]) -> bool:
    """Whether the cluster is also ranked by the metrics of its cloud."""
    return cluster.uid in clouds and bool(cluster.spec.get("inherit_metrics"))


def inherited(samples: Mapping[str, Sample]) -> dict[str, Sample]:
    """The samples of a cloud as its clusters have them."""
    return {name: sample._replace(inherited=True) for name, sample in samples.items()}


def _sample(ref: Mapping[str, Any], measured: Measured | None, now: datetime, max_age: float) -> Sample:
    weight = float(ref["weight"])
    if measured is None:
        return Sample(None, 0.0, weight, NOWHERE, ReasonCode.UNKNOWN_METRIC)
    spec = measured.spec
    limits = Limits(
        float(spec["min"]),
        float(spec["max"]),
        tuple(map(float, spec.get("allowed_values") or ())),
        float(spec.get("max_age") or max_age),
    )
    age = max(0.0, (now - measured.at).total_seconds()) if measured.at else math.inf
    failing = ReasonCode(measured.code) if measured.code else None
    return Sample(measured.value, age if measured.value is not None else 0.0, weight, limits, failing)


def troubles(
    refs: list[dict[str, Any]], namespace: str, catalogue: Catalogue, now: datetime, max_age: float
) -> dict[str, Reason]:
    """Why metrics of a cluster cannot be used, by what they are called; without those that are well."""
    found = {}
    for name, sample in offers(refs, namespace, catalogue, now, max_age).items():
        if sample.trouble is None:
            continue
        code, words = sample.trouble
        ref = next(item for item in refs if known_as(item) == name)
        measured = catalogue.get(metric_key(ref, namespace))
        if code is ReasonCode.UNKNOWN_METRIC:
            words = "there is no such metric"
        elif measured is not None and measured.message:
            words = measured.message
        found[name] = Reason(code=code, message=words)
    return found

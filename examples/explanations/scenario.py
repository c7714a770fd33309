"""A situation to be decided, made of documents as the API shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from krake.models.samples import Catalogue, Measured, MetricKey
from scheduler.amounts import Amounts
from scheduler.decide import Outcome, decide
from scheduler.decision import Decision
from scheduler.offers import offers
from scheduler.placing import Situation, decide_on
from scheduler.record import recorded
from scheduler.render import render
from scheduler.snapshot import Request

Document = dict[str, Any]

NAMESPACE = "lab"
NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
MAX_AGE = 45.0
STICKINESS = 0.1

NODE = {"cpu": "4", "memory": "16Gi", "pods": "110"}


_SPEC = ("cordoned", "taints", "custom_resources", "metrics")


def node(architecture: str = "amd64", **allocatable: str) -> Document:
    """A node that is ready."""
    return {
        "metadata": {"name": "node"},
        "spec": {},
        "status": {
            "conditions": [{"type": "Ready", "status": "True"}],
            "allocatable": {**NODE, **{key.replace("_", "/"): value for key, value in allocatable.items()}},
            "architecture": architecture,
        },
    }


def cluster(name: str, labels: Mapping[str, str] | None = None, **fields: Any) -> Document:
    """A cluster; fields of its spec and status by their names."""
    spec = {key: fields.pop(key) for key in _SPEC if key in fields}
    served = {"custom_resources": fields.pop("served")} if "served" in fields else {}
    return {
        "metadata": {
            "name": name,
            "namespace": fields.pop("namespace", NAMESPACE),
            "uid": f"uid-{name}",
            "labels": dict(labels or {}),
            "deleted": fields.pop("deleted", None),
        },
        "spec": spec,
        "status": {"state": "ONLINE", "nodes": [node()], **served, **fields},
    }


def pod(node_selector: Mapping[str, str] | None = None, /, **requests: str) -> Document:
    """A Pod with one container that asks for something."""
    asked = {key.replace("_", "/"): value for key, value in requests.items()}
    container = {"name": "main", "resources": {"requests": asked, "limits": asked}}
    spec = {"containers": [container], "nodeSelector": dict(node_selector or {})}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "shop"}, "spec": spec}


def deployment(replicas: int, **requests: str) -> Document:
    """So many Pods that ask for something."""
    template = {"metadata": {}, "spec": pod(**requests)["spec"]}
    spec = {"replicas": replicas, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "shop"}, "spec": spec}


def value(
    number: float | None, age: float = 12.0, code: str = "", provider: str = "prom", highest: float = 1.0
) -> Measured:
    """A metric from 0 to `highest` with its newest value, so many seconds old."""
    spec = {"min": 0, "max": highest, "provider": {"name": provider, "metric": "any"}}
    return Measured("uid", spec, number, NOW - timedelta(seconds=age), code)


@dataclass(frozen=True)
class Scenario:
    """One situation with its story."""

    title: str
    story: str
    clusters: tuple[Document, ...]
    wanted: Document | None = None
    """`spec.constraints` of the application."""
    preferences: tuple[Document, ...] = ()
    manifest: tuple[Document, ...] = ()
    on: str = ""
    """The cluster that the application is on."""
    reserved: Mapping[str, Amounts] | None = None
    """What others have reserved, by the cluster's name."""
    metrics: Mapping[str, Measured] | None = None
    """Metrics by name; a cluster refers to them in its `metrics`."""
    held_back: str = ""
    asks: Callable[[Request], Request] | None = None
    """What the request has that documents cannot say yet."""

    def decision(self) -> Decision:
        """What is decided, read back from its record."""
        outcome = decide_on(self._situation(), trigger="example", stickiness=STICKINESS)
        return render(recorded(self._asked(outcome) if self.asks else outcome))

    def _asked(self, outcome: Outcome) -> Outcome:
        assert self.asks is not None
        request = self.asks(outcome.request)
        return decide(request, outcome.snapshot, now=NOW, trigger="example", stickiness=STICKINESS)

    def _situation(self) -> Situation:
        names = {MetricKey(True, NAMESPACE, name): one for name, one in (self.metrics or {}).items()}
        return Situation(
            application=self._application(),
            manifest=self.manifest,
            clusters=self.clusters,
            reserved={f"uid-{name}": amounts for name, amounts in (self.reserved or {}).items()},
            held_back=self.held_back,
            now=NOW,
            metrics={one["metadata"]["uid"]: _samples(one, names) for one in self.clusters},
        )

    def _application(self) -> Document:
        status = {"scheduled_uid": f"uid-{self.on}", "objects": [{}]} if self.on else {}
        spec = {"constraints": self.wanted, "preferences": list(self.preferences)}
        metadata = {"name": "shop", "namespace": NAMESPACE, "uid": "uid-shop", "labels": {}}
        return {"metadata": metadata, "spec": spec, "status": status}


def _samples(one: Document, catalogue: Catalogue) -> Any:
    return offers(one["spec"].get("metrics") or [], NAMESPACE, catalogue, NOW, MAX_AGE)


def ref(name: str, weight: float = 1.0, alias: str | None = None) -> Document:
    """A cluster's reference to a metric."""
    return {"name": name, "weight": weight, "namespaced": True, "alias": alias}


def labels(*constraints: str) -> Document:
    """Label constraints, as `spec.constraints`."""
    return {"cluster": {"labels": list(constraints)}}

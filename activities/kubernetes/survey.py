"""How an application is on its cluster, from what the watches know."""

from __future__ import annotations

from dataclasses import dataclass, field

from activities.kubernetes.health import total
from activities.kubernetes.objects import ObjectKey
from activities.kubernetes.observed_fields import changed_fields
from activities.kubernetes.services import address
from activities.kubernetes.views import View
from krake.models.application import ApplicationState, ContainerHealth, ObjectStatus


@dataclass(frozen=True, slots=True)
class Drifted:
    """An object that is not as it was applied. The fields are known only with an observer schema."""

    item: ObjectStatus
    missing: bool
    fields: tuple[str, ...] = ()
    state: str = ""
    """Digest of what was found: the same as long as nothing else changes."""


@dataclass(slots=True)
class Survey:
    """The state of every object of an application, and what follows from it."""

    objects: list[ObjectStatus] = field(default_factory=list)
    services: dict[str, str] = field(default_factory=dict)
    health: ContainerHealth = field(default_factory=ContainerHealth)
    missing: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    restarting: set[str] = field(default_factory=set)
    """Objects that only wait for a container to be started again."""
    drifted: list[Drifted] = field(default_factory=list)
    """Everything that is missing or not as applied, also what applying again would not change."""
    completed: bool = False

    @property
    def ready(self) -> bool:
        """Whether every object that the manifest names is there and ready."""
        return all(item.ready or item.obsolete for item in self.objects)

    @property
    def message(self) -> str:
        """What is missing, in one sentence; empty when everything is ready."""
        return "; ".join(
            f"{item.kind}/{item.name}: {item.message}"
            for item in self.objects
            if not item.ready and not item.obsolete
        )

    @property
    def state(self) -> ApplicationState:
        """The state of an application that was deployed."""
        if not self.ready:
            waiting = {f"{item.kind}/{item.name}" for item in self.objects if not item.ready}
            restarting = waiting <= self.restarting
            return ApplicationState.RESTARTING if restarting else ApplicationState.DEGRADED
        return ApplicationState.COMPLETED if self.completed else ApplicationState.RUNNING


def key_of(item: ObjectStatus) -> ObjectKey:
    """The identity of an object in an application's status."""
    return ObjectKey(item.api_version, item.kind, item.namespace or "", item.name)


def survey(inventory: list[ObjectStatus], views: dict[ObjectKey, View], server: str) -> Survey:
    """Compare what should be on the cluster with what is.

    Args:
        inventory: the applied objects from the application's status.
        views: the live objects of the application.
        server: URL of the cluster's API server, whose host serves NodePorts.
    """
    result = Survey()
    found = []
    for item in inventory:
        if item.obsolete:
            result.objects.append(item)
            continue
        view = views.get(key_of(item))
        result.objects.append(_judge(item, view, views, result))
        if view is None:
            continue
        found.append(view)
        if view.port is not None:
            result.services[item.name] = address(view.port, server)
    result.health = total([view.health for view in found])
    finite = [view for view in found if view.key.kind in ("Job", "Pod")]
    lasting = any(view.health.desired_pods and view.key.kind not in ("Job", "Pod") for view in found)
    result.completed = bool(finite) and not lasting and all(view.readiness.completed for view in finite)
    return result


def _judge(
    item: ObjectStatus, view: View | None, views: dict[ObjectKey, View], result: Survey
) -> ObjectStatus:
    name = f"{item.kind}/{item.name}"
    if view is None or (item.uid and view.uid != item.uid):
        result.missing.append(name)
        result.drifted.append(Drifted(item, missing=True))
        return item.model_copy(update={"ready": False, "message": "not there"})
    _compare(item, view, result)
    if view.readiness.failed:
        result.failed.append(f"{name}: {view.readiness.message}")
    if view.readiness.restarting:
        result.restarting.add(name)
    ready, message = view.readiness.ready, view.readiness.message
    if view.generation < item.generation:
        ready, message = False, "its change is not yet visible"
    elif ready and view.needs_endpoints and not _endpoints(view, views) and not _wants_no_pods(view, views):
        ready, message = False, "no ready endpoint behind it"
    learned = {"observed_fields": {**view.fields.values, **item.observed_fields}} if view.fields else {}
    return item.model_copy(update={"ready": ready, "message": message, **learned})


def _compare(item: ObjectStatus, view: View, result: Survey) -> None:
    """Note the object if it is not as applied: by its schema's fields, else by who manages Krake's."""
    name = f"{item.kind}/{item.name}"
    if view.fields is None:
        if item.fingerprint and view.fingerprint != item.fingerprint:
            result.altered.append(name)
            result.drifted.append(Drifted(item, missing=False, state=view.fingerprint))
        return
    changed = changed_fields(item.observed_fields, view.fields)
    if changed or set(view.fields.unbounded) - set(item.unbounded_lists):
        result.altered.append(name)
    if changed or view.fields.unbounded:
        fields = (*changed, *(f"{path} (length)" for path in view.fields.unbounded))
        result.drifted.append(Drifted(item, missing=False, fields=fields, state=",".join(fields)))


def _wants_no_pods(service: View, views: dict[ObjectKey, View]) -> bool:
    """Whether all workloads behind a Service are scaled to zero, so that nobody can answer."""
    wanted = set(service.selector)
    behind = [
        view
        for view in views.values()
        if view.pod_labels and view.key.namespace == service.key.namespace and wanted <= set(view.pod_labels)
    ]
    return bool(behind) and not any(view.health.desired_pods for view in behind)


def _endpoints(service: View, views: dict[ObjectKey, View]) -> int:
    return sum(
        view.endpoints
        for view in views.values()
        if view.service == service.key.name and view.key.namespace == service.key.namespace
    )

"""How an application is on its cluster, from what the watches know."""

from __future__ import annotations

from dataclasses import dataclass, field

from activities.kubernetes.health import total
from activities.kubernetes.objects import ObjectKey
from activities.kubernetes.services import address
from activities.kubernetes.views import View
from krake.models.application import ApplicationState, ContainerHealth, ObjectStatus


@dataclass(slots=True)
class Survey:
    """The state of every object of an application, and what follows from it."""

    objects: list[ObjectStatus] = field(default_factory=list)
    services: dict[str, str] = field(default_factory=dict)
    health: ContainerHealth = field(default_factory=ContainerHealth)
    missing: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
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
            return ApplicationState.DEGRADED
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
        return item.model_copy(update={"ready": False, "message": "not there"})
    if item.fingerprint and view.fingerprint != item.fingerprint:
        result.altered.append(name)
    if view.readiness.failed:
        result.failed.append(f"{name}: {view.readiness.message}")
    ready, message = view.readiness.ready, view.readiness.message
    if view.generation < item.generation:
        ready, message = False, "its change is not yet visible"
    elif ready and view.needs_endpoints and not _endpoints(view, views):
        ready, message = False, "no ready endpoint behind it"
    return item.model_copy(update={"ready": ready, "message": message})


def _endpoints(service: View, views: dict[ObjectKey, View]) -> int:
    return sum(
        view.endpoints
        for view in views.values()
        if view.service == service.key.name and view.key.namespace == service.key.namespace
    )

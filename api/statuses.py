"""What clients may report in a status: what they see, never what Krake itself decides."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ValidationError

from api.deps import RequestInfo, Services
from api.problems import ProblemError, Title, invalid_field, invalid_fields
from api.validation import field_errors, parse
from krake.models.application import ApplicationState, ApplicationStatus
from krake.models.clouds import CloudStatus
from krake.models.cluster import ClusterState, ClusterStatus
from krake.models.kinds import APPLICATION, CLOUDS, CLUSTER, MAGNUM_CLUSTER, PROJECT, Kind
from krake.models.openstack import MagnumClusterState, MagnumClusterStatus, ProjectStatus
from krake.resources import is_settled, merged_status
from krake.store.records import Record

Document = dict[str, Any]

WITH_STATUS = (APPLICATION, CLUSTER, *CLOUDS, PROJECT, MAGNUM_CLUSTER)
"""The kinds whose status can be reported."""

_MODELS: dict[str, type[BaseModel]] = {
    APPLICATION.name: ApplicationStatus,
    CLUSTER.name: ClusterStatus,
    **dict.fromkeys((kind.name for kind in CLOUDS), CloudStatus),
    PROJECT.name: ProjectStatus,
    MAGNUM_CLUSTER.name: MagnumClusterStatus,
}
_REPORTED = {
    APPLICATION.name: ("state", "reason", "message", "container_health", "services"),
    CLUSTER.name: ("state", "reason", "message", "nodes"),
    **dict.fromkeys((kind.name for kind in (*CLOUDS, PROJECT)), ("state", "metrics_reasons")),
    MAGNUM_CLUSTER.name: ("state", "reason", "message", "master_addresses", "node_addresses"),
}
"""The fields that a report may change; all others belong to the server and are ignored."""
_SEEN = {
    APPLICATION.name: (
        ApplicationState.RUNNING,
        ApplicationState.DEGRADED,
        ApplicationState.RESTARTING,
        ApplicationState.COMPLETED,
    ),
    CLUSTER.name: (ClusterState.ONLINE, ClusterState.NOTREADY, ClusterState.UNHEALTHY),
    MAGNUM_CLUSTER.name: (MagnumClusterState.RUNNING,),
}
"""The states that somebody who looks at the resource can see; all others follow from what Krake does."""


async def report(
    services: Services, info: RequestInfo, kind: Kind, namespace: str, name: str, document: Document
) -> Record:
    """Take over what a client saw, as if Krake's own observer had: it counts until that looks again.

    Raises:
        ProblemError: 422, the document does not fit, or the state is none that can be seen; 409, the resource
            is being worked on, so that nobody's sight of it counts.
        NotFound: there is no such resource.
    """
    parse(kind, document, namespace)
    sent = _sent(kind, document)
    async with services.store.transaction() as transaction:
        stored = await transaction.get(kind.name, namespace, name)
        known = merged_status(kind.name, stored.status, stored.observation)
        shown = _MODELS[kind.name].model_validate(known).model_dump(mode="json")
        changes = {field: value for field, value in sent.items() if value != shown.get(field)}
        if not changes:
            return stored
        event = info.event("StatusReported", ", ".join(sorted(changes)))
        if kind.lifecycle:
            _check(stored, changes)
        if kind.name not in (APPLICATION.name, CLUSTER.name):
            # Nobody observes it: what is known of it is its status.
            return await transaction.write_status(stored, changes, event)
        seen = {
            # An older observation may speak of another generation: what does not count must not come back.
            **{field: shown[field] for field in stored.observation if field in shown},
            **{field: shown.get(field) for field in _REPORTED[kind.name]},
            **changes,
            "observed_at": datetime.now(UTC).isoformat(),
            "generation": stored.status.get("observed_generation"),
        }
        return await transaction.write_observation(stored, seen, event)


def _sent(kind: Kind, document: Document) -> Document:
    """The fields of the status that were sent and may be reported.

    Raises:
        ProblemError: 422, there is no status, or it does not fit.
    """
    status = document.get("status")
    if not isinstance(status, dict):
        raise invalid_field("status", "This field is required: an object")
    wanted = {field: status[field] for field in _REPORTED[kind.name] if field in status}
    try:
        full = _MODELS[kind.name].model_validate(wanted).model_dump(mode="json")
    except ValidationError as error:
        found = field_errors(error.errors(include_url=False, include_context=False), wanted)
        raise invalid_fields(
            [one.model_copy(update={"field": f"status.{one.field}"}) for one in found]
        ) from None
    return {field: full[field] for field in wanted}


def _check(stored: Record, changes: Document) -> None:
    states = _SEEN[stored.kind]
    names = ", ".join(states)
    if "state" in changes and changes["state"] not in states:
        raise invalid_field("status.state", f"Only {names} can be reported; Krake sets the others")
    if stored.deleted is not None or not is_settled(stored.kind, stored.status):
        raise ProblemError(
            HTTPStatus.CONFLICT,
            f"{stored.kind} '{stored.name}' is {stored.status.get('state')}: Krake works on it and knows "
            "better. Report what you see when that is done",
            title=Title.UPDATE_ERROR,
        )

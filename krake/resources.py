"""Resources as the API shows them: what is desired, and one status of what was done and what was seen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from krake.models.application import ApplicationState
from krake.models.cluster import ClusterState
from krake.models.kinds import KINDS, WITHOUT_LIFECYCLE
from krake.models.openstack import MagnumClusterState
from krake.outages import shown_message

if TYPE_CHECKING:
    from krake.messages.base import Target
    from krake.store.records import Record

Document = dict[str, Any]

STALE_AFTER = 30.0
"""Seconds after which an unconfirmed state is no longer believed: three intervals of the observers."""

_FACTS = {
    "Application": ("container_health", "services", "objects", "observed_at", "drift"),
    "Cluster": (
        "nodes",
        "kubernetes_version",
        "observed_at",
        "confirmed_at",
        "platform",
        "custom_resources",
        "offline_since",
        "evacuates_at",
    ),
}
"""What the observer knows best at any time."""

_VERDICT = ("state", "reason", "message")

_SETTLED: dict[str, tuple[str, ...]] = {
    "Application": (ApplicationState.RUNNING, ApplicationState.COMPLETED),
    "Cluster": (ClusterState.ONLINE, ClusterState.NOTREADY, ClusterState.UNHEALTHY),
    "MagnumCluster": (MagnumClusterState.RUNNING,),
}
"""The states of the lifecycle that the observer's verdict may refine; in all others the lifecycle is at work
and knows better."""

_CONFIRMED: dict[str, str] = {"Cluster": ClusterState.ONLINE}
"""The states that need to be confirmed again and again once somebody observes the resource. Applications are
confirmed through their cluster: nobody writes to each of them to say that nothing has changed."""

_UNKNOWN = {"Cluster": ClusterState.UNKNOWN.value, "Application": ApplicationState.UNKNOWN.value}


_SETTLED_AT = {"Application": "deployed_at", "Cluster": "verified_at"}
"""When the lifecycle itself last saw the resource: older observations speak of what was before."""


def _moment_of(document: Document, field: str) -> datetime | None:
    text = document.get(field)
    return datetime.fromisoformat(text) if text else None


def _applies(kind: str, status: Document, observation: Document) -> bool:
    """Whether the observation speaks of what the status speaks of."""
    seen = _moment_of(observation, "observed_at")
    if seen is None or observation.get("generation") != status.get("observed_generation"):
        return False
    settled = _moment_of(status, _SETTLED_AT.get(kind, ""))
    return settled is None or seen >= settled


def observation_applies(record: Record) -> bool:
    """Whether the observation was made after the lifecycle's last success, of the same generation."""
    return _applies(record.kind, record.status, record.observation)


def is_settled(kind: str, status: Document) -> bool:
    """Whether the lifecycle is done with the resource for now, so that the observer's word counts."""
    return status.get("state") in _SETTLED.get(kind, ())


def merged_status(kind: str, status: Document, observation: Document) -> Document:
    """The status with what the observer saw, whatever its age."""
    if not _applies(kind, status, observation):
        return dict(status)
    fields = _FACTS.get(kind, ())
    if is_settled(kind, status):
        fields = (*fields, *_VERDICT)
    return {**status, **{field: observation[field] for field in fields if field in observation}}


def shown_state(kind: str, status: Document, observation: Document) -> str:
    """The state to count the resource under, whatever the observation's age; empty for kinds without."""
    if kind in WITHOUT_LIFECYCLE:
        return ""
    state = status.get("state") or "PENDING"
    if is_settled(kind, status) and _applies(kind, status, observation):
        state = observation.get("state") or state
    if kind == "Cluster" and state == ClusterState.ONLINE and status.get("metrics_reasons"):
        state = ClusterState.FAILING_METRICS
    return str(state)


def _with_metrics(status: Document) -> Document:
    """The status as it is shown: a cluster that works but for its metrics takes nothing new."""
    reasons = status.get("metrics_reasons")
    if not reasons or status.get("state") != ClusterState.ONLINE:
        return status
    words = "; ".join(f"{name}: {reason['code']} ({reason['message']})" for name, reason in reasons.items())
    return {**status, "state": ClusterState.FAILING_METRICS.value, "message": words}


def _last_confirmation(record: Record, confirmed: datetime | None) -> datetime | None:
    """When an application's shown state was confirmed last: by a look at it, or through its cluster.

    None while its lifecycle is at work and knows better, or where nothing is known of its cluster.
    """
    if confirmed is None or record.status.get("state") not in _SETTLED["Application"]:
        return None
    seen = [confirmed, _moment_of(record.status, "observed_at")]
    if _applies(record.kind, record.status, record.observation):
        seen.append(_moment_of(record.observation, "observed_at"))
    return max(moment for moment in seen if moment is not None)


def _unconfirmed_since(record: Record, now: datetime, stale_after: float) -> datetime | None:
    """When the shown state was confirmed last, if that is too long ago to believe it."""
    status, observation = record.status, record.observation
    observed_at = observation.get("observed_at")
    if record.kind not in _CONFIRMED or not observed_at or not _applies(record.kind, status, observation):
        return None
    state = status.get("state")
    refined = is_settled(record.kind, status) and "state" in observation
    if not refined and state != _CONFIRMED.get(record.kind):
        return None
    seen = datetime.fromisoformat(observed_at)
    return seen if (now - seen).total_seconds() > stale_after else None


def shown_status(
    record: Record, now: datetime, stale_after: float = STALE_AFTER, confirmed: datetime | None = None
) -> Document:
    """The merged status; a state that nobody confirmed for `stale_after` seconds is UNKNOWN.

    Args:
        record: the resource.
        now: the moment to judge ages by.
        stale_after: seconds for which a confirmation holds.
        confirmed: when an application's cluster confirmed last what runs on it; None: not to be judged.
    """
    status = without_translation(merged_status(record.kind, record.status, record.observation))
    told = shown_message(record, status, now)
    if told:
        status["message"] = told
    if record.kind == "Application":
        seen = _last_confirmation(record, confirmed)
        if seen is not None:
            status["observed_at"] = seen.isoformat()
        if seen is not None and (now - seen).total_seconds() <= stale_after:
            seen = None
    else:
        seen = _unconfirmed_since(record, now, stale_after)
    if seen is not None:
        since = seen.astimezone(UTC).isoformat(timespec="seconds")
        last = status.get("state")
        words = [f"not confirmed since {since}, was {last} then"]
        # What an application knows of its cluster explains why nobody confirms it.
        words += [told] if told and record.kind == "Application" else []
        status.update(state=_UNKNOWN[record.kind], message="; ".join(words))
    return status


def without_translation(status: Document) -> Document:
    """The status without the objects that a template was translated to: they can be as large as the spec."""
    translated = status.get("translated_manifest")
    if not translated:
        return status
    shown = {key: value for key, value in translated.items() if key != "manifest"}
    return {**status, "translated_manifest": shown}


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None


def document(
    record: Record,
    *,
    now: datetime | None = None,
    stale_after: float = STALE_AFTER,
    confirmed: datetime | None = None,
) -> Document:
    """The resource as the API shows it, as plain JSON; secrets are the caller's to redact.

    Args:
        record: the resource from the store; its documents are shared with the answer, not copied.
        now: the moment to judge the observation's age by; the current time where it is not given.
        stale_after: seconds after which an observation is too old to be believed.
        confirmed: when an application's cluster confirmed last what runs on it; None: not to be judged.
    """
    kind = KINDS[record.kind]
    head = {
        "api": kind.api,
        "kind": record.kind,
        "metadata": {
            "name": record.name,
            "namespace": record.namespace or None,
            "labels": record.labels,
            "inherit_labels": record.inherit_labels,
            "finalizers": record.finalizers,
            "owners": shown_owners(record),
            "uid": record.uid,
            "created": _moment(record.created),
            "modified": _moment(record.modified),
            "deleted": _moment(record.deleted),
            "generation": record.generation,
            "revision": record.revision,
        },
    }
    if kind.flat:
        return {**head, **record.spec}
    status = _with_metrics(shown_status(record, now or datetime.now(UTC), stale_after, confirmed))
    return {**head, "spec": record.spec, "status": status}


def shown_owners(record: Record) -> list[Document]:
    """The owners that users named, and the cluster, cloud or project that it is bound to at present.

    The binding is not stored among the owners: it goes with the application wherever that moves.
    """
    bound = record.status.get("scheduled_to") or record.status.get("project")
    return [*record.owners, bound] if bound and bound not in record.owners else list(record.owners)


def place_reference(target: Target) -> Document:
    """A reference to a cloud, which may be in no namespace."""
    return {**reference(target), "namespace": target.namespace or None}


def reference(target: Target) -> Document:
    """A reference to a resource as statuses carry it."""
    kind = KINDS[target.kind]
    return {"api": kind.api, "kind": kind.name, "namespace": target.namespace, "name": target.name}

"""What one look at a running application says: for its status, its events, and its lifecycle."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from activities.kubernetes.drift_report import reported_drift, summary
from activities.kubernetes.survey import Survey
from krake.models.application import ApplicationState
from krake.models.drift import DriftedObject, DriftMode
from krake.models.reasons import ReasonCode
from krake.store import NewEvent, Record

Document = dict[str, Any]

_ACTOR = "krake observer"
_SHOWN = ("state", "objects", "services", "container_health")


def is_settled(record: Record) -> bool:
    """Whether the lifecycle is done with the application, so that differences are not its own doing."""
    if record.deleted is not None or record.status.get("observed_generation") != record.generation:
        return False
    running = record.status.get("state") in (ApplicationState.RUNNING, ApplicationState.COMPLETED)
    return running or _failed_waiting(record)


def _failed_waiting(record: Record) -> bool:
    reason = (record.status.get("reason") or {}).get("code")
    return record.status.get("state") == ApplicationState.FAILED and reason == ReasonCode.NOT_READY


@dataclass(frozen=True, slots=True)
class Sighting:
    """One look: how everything is, and what has drifted."""

    found: Survey
    drift: list[DriftedObject]

    def attention(self, record: Record) -> str:
        """Why the lifecycle has to act; empty when it has not.

        What completed may be cleaned up by the cluster and is not brought back.
        """
        if _failed_waiting(record):
            return "everything became ready" if self.found.ready else ""
        corrected = record.spec.get("drift", DriftMode.CORRECT) == DriftMode.CORRECT
        if not corrected or record.status.get("state") == ApplicationState.COMPLETED:
            return ""
        return self._difference()

    def _difference(self) -> str:
        if self.found.missing:
            return "removed on the cluster: " + ", ".join(self.found.missing)
        if self.found.altered:
            return "altered on the cluster: " + summary(self.drift, self.found.altered)
        return ""

    def is_shown_in(self, status: Document) -> bool:
        """Whether the status says all of this already."""
        seen = self.observation("")
        same_drift = (status.get("drift") or []) == seen["drift"]
        return same_drift and all(status.get(field) == seen[field] for field in _SHOWN)

    def event(self, record: Record, before: str, attention: str) -> NewEvent | None:
        """What is worth to be remembered of it: drift, its end, or another state."""
        if attention:
            return NewEvent("Drifted", attention, actor=_ACTOR)
        reported, now = _essence(reported_drift(record)), _essence(self.drift)
        if now - reported and record.spec.get("drift") == DriftMode.REPORT:
            message = f"{self._difference() or self._lengths()}; only reported, as the application asks"
            return NewEvent("Drifted", message, actor=_ACTOR)
        if reported and not now and record.spec.get("drift") == DriftMode.REPORT:
            return NewEvent("DriftEnded", "everything is as it was applied", actor=_ACTOR)
        state = str(self.found.state.value)
        return NewEvent(state.title(), self.found.message, actor=_ACTOR) if before != state else None

    def _lengths(self) -> str:
        names = [f"{item.kind}/{item.name}" for item in self.drift]
        return "altered on the cluster: " + summary(self.drift, names)

    def observation(self, attention: str) -> Document:
        """What the observer writes."""
        found = self.found
        reason = {"code": ReasonCode.NOT_READY.value, "message": found.message} if not found.ready else None
        return {
            "state": found.state.value,
            "reason": reason,
            "message": found.message,
            "objects": [item.model_dump(mode="json") for item in found.objects],
            "services": found.services,
            "container_health": found.health.model_dump(),
            "observed_at": datetime.now(UTC).isoformat(),
            "drift": [item.model_dump(mode="json") for item in self.drift],
            "attention": attention or None,
        }


def _essence(drift: list[DriftedObject]) -> set[tuple[Any, ...]]:
    """What makes one difference another: not when it was seen, and not by whom it was made."""
    return {(item.kind, item.namespace, item.name, item.change, *item.fields) for item in drift}

"""Writing down how a cluster stands at its cloud."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from krake.models.provisioning import ProvisioningPhase
from krake.store import NewEvent, Record, Transaction

Document = dict[str, Any]


def provisioning_of(record: Record) -> Document:
    """What is known of the cluster at its cloud; empty where nothing was ever asked for."""
    return dict(record.status.get("provisioning") or {})


def in_phase(record: Record, phase: ProvisioningPhase, message: str = "", **changes: Any) -> Document:
    """`status.provisioning` in a phase; the time counts from when that began."""
    before = provisioning_of(record)
    since = before.get("since") if before.get("phase") == phase else None
    return {
        **before,
        "phase": phase.value,
        "since": since or datetime.now(UTC).isoformat(),
        "message": message,
        **changes,
    }


async def note(
    transaction: Transaction, uid: str, changes: Document, event: NewEvent | None = None
) -> Record | None:
    """Write into the status of a cluster that is still there; nothing is written where nothing changes."""
    record = await transaction.get_by_uid(uid)
    if record is None or all(record.status.get(name) == value for name, value in changes.items()):
        return record
    return await transaction.write_status(record, changes, event)

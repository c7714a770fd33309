"""Every change of a resource's state leaves an event, whoever writes it."""

from __future__ import annotations

from krake.resources import shown_state
from krake.store.records import NewEvent, Record


def transition(before: Record, after: Record) -> NewEvent | None:
    """The event of a change of state that the writer gave none for; None where the state stays."""
    state = shown_state(after.kind, after.status, after.observation)
    if state == shown_state(before.kind, before.status, before.observation):
        return None
    seen = after.observation is not before.observation
    source = after.observation if seen else after.status
    reason = source.get("reason") or {}
    message = f"{reason['code']}: {reason['message']}" if reason else str(source.get("message") or "")
    return NewEvent(state.title(), message, actor="krake observer" if seen else "krake")

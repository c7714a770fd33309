"""`blocking`: answers that wait until a resource has the state that the client asked for."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from enum import StrEnum

from api.deps import Services
from api.problems import invalid_field
from krake.models.application import ApplicationState
from krake.models.cluster import ClusterState
from krake.models.kinds import APPLICATION, CLUSTER, Kind
from krake.store.records import Record

LONGEST = 60.0
"""Seconds that an answer is held back at most; then the resource is shown as it is."""
LOOK_AGAIN = 2.0
"""Seconds between two looks: a state can change by time alone."""
DELETED = "DELETED"

_STATES: dict[str, type[StrEnum]] = {APPLICATION.name: ApplicationState, CLUSTER.name: ClusterState}
_NOTHING = frozenset({"", "false", "0", "none"})


def wanted_state(kind: Kind, value: str | None, *, deleting: bool = False) -> str | None:
    """The state to wait for; None where there is nothing to wait for.

    A deletion waits for its end, whatever the value: upstream's clients send different ones.

    Raises:
        ProblemError: 422, resources of the kind have no such state.
    """
    if value is None or value.lower() in _NOTHING:
        return None
    if kind.name not in _STATES:
        raise invalid_field("blocking", f"Nothing is to be waited for with a {kind.word}")
    if deleting:
        return DELETED
    states = [state.value for state in _STATES[kind.name]]
    if value.upper() not in states:
        raise invalid_field("blocking", f"No such state; there are: {', '.join(states)}")
    return value.upper()


async def wait_for_state(
    services: Services, record: Record, wanted: str, look: Callable[[], Awaitable[object]]
) -> Record:
    """The resource when it has the state, is gone, or the longest time is over.

    It is this resource that counts, by its uid, and not another one of its namespace or a successor of its
    name. For one that is gone it is its last known form, with the state DELETED.

    Raises:
        ProblemError: whoever waits may not any more; `look`, which is called before each look, says so.
    """
    end = time.monotonic() + LONGEST
    current = record
    while not services.feeds.closed:
        await look()
        revision = await services.store.revision()
        found = await services.store.get_by_uid(record.uid)
        if found is None:
            return replace(current, status={**current.status, "state": DELETED})
        current = found
        ages = await services.ages.read(record.kind)
        if ages.document(current)["status"].get("state") == wanted:
            return current
        rest = end - time.monotonic()
        if rest <= 0:
            return current
        await services.store.wait_for_change(revision, min(rest, LOOK_AGAIN))
    return current

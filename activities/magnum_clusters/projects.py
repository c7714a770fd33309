"""The project that a Magnum cluster is made in: chosen once, and kept."""

from __future__ import annotations

from datetime import UTC, datetime

from activities.provisioning.room import Room
from activities.waking import target_of
from krake.models.kinds import PROJECT
from krake.models.openstack import MagnumClusterState
from krake.models.reasons import ReasonCode
from krake.resources import document, place_reference
from krake.store import NewEvent, Record, Transaction
from scheduler.clouds import choose_cloud, cloud_of, project_wanted_by
from scheduler.offers import metrics_on
from scheduler.quotas import Machines
from scheduler.record import encode


async def bound_project(transaction: Transaction, record: Record) -> Record | None:
    """The project that it is bound to, if that is still there."""
    place = record.status["project"]
    return await transaction.find(PROJECT.name, place.get("namespace") or "", place["name"])


async def choose_project(
    transaction: Transaction, record: Record, max_age: float, cause: str
) -> Record | None:
    """Choose among the projects of the namespace and write it down, or why there is none.

    Without one its generation stays unobserved, so that the sweep asks again.

    Args:
        transaction: where it is read and written.
        record: the Magnum cluster.
        max_age: seconds after which a metric's value is too old.
        cause: what led to this, for the events.

    Returns:
        The project.
    """
    now = datetime.now(UTC)
    projects = await transaction.all_of(PROJECT.name, record.namespace)
    metrics = await metrics_on(transaction, projects, now, max_age)
    candidates = [cloud_of(document(one, now=now), metrics.get(one.uid)) for one in projects]
    request = project_wanted_by(document(record, now=now))
    size = record.spec
    machines = Machines(_or_one(size.get("node_count")), _or_one(size.get("master_count")))
    room = await Room.read(transaction)
    lacking = {one.uid: room.lacks(one, machines) for one in projects}
    outcome = choose_cloud(request, candidates, now=now, trigger=cause, lacking=lacking)
    await transaction.record_decision(record, encode(outcome))
    chosen = next((one for one in projects if outcome.chosen and one.uid == outcome.chosen.uid), None)
    if chosen is None:
        await _wait(transaction, record, outcome.summary, cause)
        return None
    bound = {
        "project": place_reference(target_of(chosen)),
        "template": chosen.spec["template"],
        "reason": None,
    }
    await transaction.write_status(
        record, bound, NewEvent("Scheduled", f"to project {chosen.name}", cause=cause)
    )
    return chosen


def _or_one(number: int | None) -> int:
    return 1 if number is None else number


async def _wait(transaction: Transaction, record: Record, summary: str, cause: str) -> None:
    changes = {
        "state": MagnumClusterState.PENDING.value,
        "reason": {"code": ReasonCode.NO_SUITABLE_RESOURCE.value, "message": summary},
        "message": "waiting for a project that fits",
    }
    known = all(record.status.get(name) == value for name, value in changes.items())
    if not known:
        await transaction.write_status(record, changes, NewEvent("Unplaced", summary, cause=cause))

"""An application as a pass sees it: what it asks for, how it stands, and whether it is left alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto

from activities.rebalancing.demands import Demands
from activities.rebalancing.places import Place
from activities.rebalancing.reading import REBALANCER, World
from activities.waking import target_of
from krake.messages.base import Target
from krake.models.application import ApplicationState
from krake.models.reasons import ReasonCode
from krake.moves import held_back, is_deployed, migration_of, request_of
from krake.store import Record
from scheduler.amounts import amounts
from scheduler.plan import Standing
from scheduler.snapshot import Request
from scheduler.taints import Effect, repelling


class Kind(Enum):
    """What is done about an application that is due."""

    PLACED = auto()
    """It runs: a move is asked for."""
    WAITING = auto()
    """It waits for a cluster: it is woken, and decides."""
    PARKED = auto()
    """It has to leave its cluster and found no other: it is woken, and decides."""
    EXCUSED = auto()
    """A pass asked it to leave its cluster, and it may stay again: the request is taken back."""


@dataclass(frozen=True, slots=True)
class Member:
    """One application."""

    target: Target
    generation: int
    kind: Kind
    standing: Standing
    alone: str = ""
    """Why it is left alone; empty where it is not."""
    must_leave: bool = False
    """Whether its cluster drives it away by a taint."""


class Members:
    """Makes members of the applications of one pass.

    Args:
        world: what there is beside them.
        places: the clusters by uid.
        demands: what is known from passes before.
    """

    def __init__(self, world: World, places: Mapping[str, Place], demands: Demands) -> None:
        self._world = world
        self._places = places
        self._demands = demands

    def of(self, record: Record) -> Member | None:
        """The application as a member; None where nothing could be done about it anyway."""
        if record.deleted is not None:
            return None
        demand = self._demands.of(record)
        if demand is None:
            return None
        uid = str(record.status["scheduled_uid"]) if is_deployed(record) else None
        place = self._places.get(uid) if uid is not None else None
        request = _on(demand, record, uid)
        must_leave = place is not None and _is_driven_away(request, place)
        kind = _kind(record, place, must_leave)
        if kind is Kind.PARKED and uid is not None:
            request = replace(request, excluded=frozenset({uid}))
        alone = self._why_alone(record, kind, place, must_leave)
        standing = self._standing(record, request, busy=bool(alone))
        return Member(target_of(record), record.generation, kind, standing, alone, must_leave)

    def _standing(self, record: Record, request: Request, *, busy: bool) -> Standing:
        now, last = self._world.now, record.status.get("last_migration") or {}
        return Standing(
            request=request,
            resident=_age(record.status.get("scheduled"), now, math.inf),
            attempted=_age(last.get("finished"), now, math.inf),
            moves=self._world.asked.get(record.uid, 0),
            waiting=(now - record.modified).total_seconds(),
            busy=busy,
        )

    def _why_alone(self, record: Record, kind: Kind, place: Place | None, must_leave: bool) -> str:
        if kind in (Kind.PARKED, Kind.EXCUSED):
            return ""
        if why := _at_work(record, kind):
            return why
        if not is_deployed(record):
            return ""
        if place is None:
            return "its cluster is gone"
        if place.alone:
            return place.alone
        return "" if must_leave else held_back(record, self._world.now)


def _is_driven_away(request: Request, place: Place) -> bool:
    taints = place.taints
    return bool(taints) and bool(repelling(taints, request.tolerations, (Effect.NO_EXECUTE,)))


def _on(demand: Request, record: Record, uid: str | None) -> Request:
    """What the application asks for where it is now."""
    if uid is None:
        return demand
    held = (record.status.get("reserved") or {}).get(uid) or {}
    return replace(demand, current=uid, held=amounts(held))


def _kind(record: Record, place: Place | None, must_leave: bool) -> Kind:
    request = request_of(record)
    stuck = request is not None and (request.parked or request.not_before is not None)
    if request is not None and stuck and migration_of(record) is None:
        stays = place is not None and not place.alone and not must_leave
        if request.actor == REBALANCER and request.leave and stays:
            return Kind.EXCUSED
        if request.parked:
            return Kind.PARKED
    reason = (record.status.get("reason") or {}).get("code")
    settled = record.status.get("observed_generation") == record.generation
    return Kind.WAITING if settled and reason == ReasonCode.NO_SUITABLE_RESOURCE else Kind.PLACED


def _at_work(record: Record, kind: Kind) -> str:
    """What is being done about it, or was and failed for a reason that no other cluster mends."""
    if migration_of(record) is not None:
        return "it moves already"
    if request_of(record) is not None:
        return "its move is asked for already"
    if kind is Kind.WAITING:
        return ""
    if record.status.get("observed_generation") != record.generation:
        return "its newest version is being deployed"
    state = record.status.get("state")
    return "" if state == ApplicationState.RUNNING else f"it is {state}"


def _age(moment: str | None, now: datetime, default: float) -> float:
    return (now - datetime.fromisoformat(moment)).total_seconds() if moment else default

"""What happened to a resource and what is being done about it: events, decisions, operations."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel

from api.answers import items_response, json_response
from api.deps import info, services
from api.ending import ending_of
from api.eventstream import stream_events
from api.openapi import answers, problems, streamed
from api.operations import operations
from api.parameters import PAGE, Heartbeat, Watch, refuse_unknown
from api.scope import scoped
from api.streams import JSON_LINES_TYPE
from krake.models.events import EventList, OperationList
from krake.models.kinds import Kind
from krake.models.metadata import NAME
from krake.store.errors import NotFound
from krake.store.store import Store
from scheduler.decision import Decision, DecisionHead
from scheduler.render import readable

Limit = Annotated[int, Query(ge=1, le=1000, description="How many at most.")]
Number = Annotated[int, Path(ge=1, le=2**63 - 1, description="The id of the decision.")]
After = Annotated[int, Query(ge=0, description="Only events with a larger id.")]
Last = Annotated[int | None, Query(ge=1, le=1000, description="Only the newest ones, this many at most.")]

_EVENTS = PAGE | {"last", "watch", "heartbeat"}


class DecisionList(BaseModel):
    """Placement decisions, newest first, without their candidates: get one by its id for those."""

    api: str = "core"
    kind: str = "DecisionList"
    metadata: dict[str, Any] = {}
    items: list[DecisionHead]


class HistoryRoutes:
    """The routes of one kind's history, also of removed resources while their history is kept."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self.router = APIRouter(tags=[kind.plural])
        one, word = f"{kind.collection}/{{name}}", kind.word
        self.router.add_api_route(
            f"{one}/events",
            scoped(kind, self.events),
            summary=f"What happened to one {word}",
            operation_id=f"list{kind.name}Events",
            responses=streamed(
                answers(EventList, "The events, oldest first; with `watch`, a stream of `Event` lines."),
                JSON_LINES_TYPE,
            )
            | problems(404, 422, 503),
        )
        if kind.lifecycle:
            self._add_work(one, word)

    def _add_work(self, one: str, word: str) -> None:
        """What there is where a workflow acts on the resource."""
        kind = self._kind
        self.router.add_api_route(
            f"{one}/operations",
            self.operations,
            summary=f"What is and was being done about one {word}",
            operation_id=f"list{kind.name}Operations",
            responses=answers(OperationList, "The runs, newest first.") | problems(404, 422, 503),
        )
        self.router.add_api_route(
            f"{one}/decisions",
            self.decisions,
            summary=f"Where one {word} was placed, and why",
            operation_id=f"list{kind.name}Decisions",
            responses=answers(DecisionList, "The decisions, newest first.") | problems(404, 422, 503),
        )
        self.router.add_api_route(
            f"{one}/decisions/{{number}}",
            self.decision,
            summary=f"One decision about one {word} with all its reasons",
            operation_id=f"get{kind.name}Decision",
            responses=answers(Decision, "The decision.") | problems(404, 422, 503),
        )

    async def events(
        self,
        request: Request,
        namespace: str,
        name: str,
        after: After = 0,
        limit: Limit = 1000,
        last: Last = None,
        watch: Watch = None,
        heartbeat: Heartbeat = 10,
    ) -> Response:
        """Who did what to the resource, and why; also for a resource that has been removed.

        With `watch`, a stream of JSON lines: each event after `after`, from the first on where it is not
        given, and each new one as it happens.
        """
        refuse_unknown(request, _EVENTS)
        store, kind = services(request).store, self._kind.name
        if watch is not None or last is not None:
            found = await store.latest_events(kind, namespace, name, last or 1)
        else:
            found = await store.events(kind, namespace, name, after_id=after, limit=limit)
        if not found and not await uid_of(store, self._kind, namespace, name):
            raise NotFound.of(kind, namespace, name)
        if watch is None:
            return items_response("EventList", found)
        info(request).streamed = True
        look, ending = info(request).look_again, ending_of(request)
        return stream_events(
            services(request), look, ending, kind, namespace, name, after=after, heartbeat=heartbeat
        )

    async def decisions(self, request: Request, namespace: str, name: str, limit: Limit = 100) -> Response:
        """What came of each decision, in one sentence; also for a removed resource."""
        refuse_unknown(request, PAGE)
        store = services(request).store
        uid = await self._uid(store, namespace, name)
        return items_response("DecisionList", await store.decision_heads(uid, limit))

    async def decision(self, request: Request, namespace: str, name: str, number: Number) -> Response:
        """Every candidate with the verdict of every filter and its score; also for a removed resource."""
        refuse_unknown(request)
        store = services(request).store
        stored = await store.decision(await self._uid(store, namespace, name), number)
        if stored is None:
            raise NotFound(f"{self._kind.name} '{name}' keeps no decision {number}")
        # Telling all reasons for thousands of candidates takes longer than others should wait.
        return json_response(await asyncio.to_thread(readable, stored))

    async def _uid(self, store: Store, namespace: str, name: str) -> str:
        uid = await uid_of(store, self._kind, namespace, name)
        if uid is None:
            raise NotFound.of(self._kind.name, namespace, name)
        return uid

    async def operations(self, request: Request, namespace: str, name: str) -> Response:
        """The runs of Temporal workflows for the resource, and the step that each running one is at."""
        refuse_unknown(request)
        found = services(request)
        is_name = NAME.fullmatch(namespace) and NAME.fullmatch(name)
        if not is_name or await uid_of(found.store, self._kind, namespace, name) is None:
            raise NotFound.of(self._kind.name, namespace, name)
        runs = await operations(found.temporal, self._kind.name, namespace, name)
        return items_response("OperationList", runs)


async def uid_of(store: Store, kind: Kind, namespace: str, name: str) -> str | None:
    """The uid of the resource, or of the last one that had the name while its events are kept."""
    record = await store.find(kind.name, namespace, name)
    if record is not None:
        return record.uid
    newest = await store.latest_events(kind.name, namespace, name, 1)
    return newest[0].uid if newest else None

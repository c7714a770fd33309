"""Create, read, list, watch, update and delete: the same for every kind of resources."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api import removal, writes
from api.answers import json_response, list_response, long_list_response, resource_response
from api.audit_subject import name_in
from api.authorization.routes import filtered
from api.blocking import wait_for_state, wanted_state
from api.body import read_document
from api.decisions import rehearse
from api.deps import info, services
from api.ending import ending_of
from api.listing import Wanted, page, pages
from api.openapi import DryRun as Rehearsal
from api.openapi import answers, body_of, list_model, problems, streamed, unchanged
from api.parameters import (
    DELETE,
    LIST,
    WRITE,
    Blocking,
    DryRun,
    Force,
    IfMatch,
    IfNoneMatch,
    ListQuery,
    Policy,
    is_true,
    list_query,
    refuse_unknown,
)
from api.problems import invalid_field
from api.revisions import revisions_of
from api.scope import scoped
from api.selectors import Selector, selector
from api.streams import EVENTS_TYPE, JSON_LINES_TYPE, form_of
from api.watch import Watching
from api.watch import watch as watch_stream
from krake.models.kinds import Kind
from krake.store.records import Record

Query = Annotated[ListQuery, Depends(list_query)]


class ResourceRoutes:
    """The routes of one kind."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._some = kind.collection
        self._one = f"{self._some}/{{name}}"
        self.router = APIRouter(tags=[kind.plural])
        self._add_reads()
        self._add_writes()

    def _add_reads(self) -> None:
        kind, add = self._kind, self.router.add_api_route
        listed = streamed(
            answers(list_model(kind), f"The {kind.plural}; with `watch`, a stream of `WatchEvent`s."),
            JSON_LINES_TYPE,
            EVENTS_TYPE,
        )
        listed |= problems(410, 422, 503)
        where = " of a namespace" if kind.namespaced else ""
        add(
            self._some,
            scoped(kind, self.list_some),
            summary=f"List or watch the {kind.plural}{where}",
            operation_id=f"list{kind.name}s",
            responses=listed,
        )
        if kind.namespaced:
            add(
                kind.everything,
                self.list_all,
                summary=f"List or watch the {kind.plural} of all namespaces",
                operation_id=f"listAll{kind.name}s",
                responses=listed,
            )
        add(
            self._one,
            scoped(kind, self.read),
            summary=f"Get one {kind.word}",
            operation_id=f"get{kind.name}",
            responses=answers(kind.model, f"The {kind.word}.") | unchanged() | problems(404, 422, 503),
        )

    def _add_writes(self) -> None:
        kind, add = self._kind, self.router.add_api_route
        word = kind.word
        marked = "marked for deletion" if kind.lifecycle else "as it was"
        add(
            self._some,
            scoped(kind, self.create),
            methods=["POST"],
            status_code=HTTPStatus.CREATED,
            summary=f"Create a {word}" if word[0] not in "aeiou" else f"Create an {word}",
            operation_id=f"create{kind.name}",
            responses=answers(kind.model, f"The new {word}.", 201)
            | answers(Rehearsal, "With `dry_run`: what would be done.")
            | problems(400, 409, 413, 415, 422, 503),
            openapi_extra=body_of(kind),
        )
        add(
            self._one,
            scoped(kind, self.update),
            methods=["PUT"],
            summary=f"Replace spec and labels of one {word}",
            operation_id=f"update{kind.name}",
            responses=answers(
                kind.model | Rehearsal, f"The {word} as it is now; with `dry_run`, what would be."
            )
            | problems(400, 404, 409, 412, 413, 415, 422, 503),
            openapi_extra=body_of(kind),
        )
        add(
            self._one,
            scoped(kind, self.delete),
            methods=["DELETE"],
            summary=f"Delete one {word}",
            operation_id=f"delete{kind.name}",
            responses=answers(kind.model | Rehearsal, f"The {word}, {marked}; with `dry_run`, what would be.")
            | problems(404, 412, 422, 503),
        )

    async def create(
        self, request: Request, namespace: str, dry_run: DryRun = None, blocking: Blocking = None
    ) -> Response:
        """Store a new resource and set its lifecycle going.

        What belongs to the server (`status`, `uid`, times, revisions) is ignored in the body; the namespace
        is the one in the path. The answer is owed to the commit: the work begins right after it. With
        `dry_run` nothing is stored: the answer tells what would be, and where an application would go.
        """
        refuse_unknown(request, WRITE)
        found = services(request)
        wanted = wanted_state(self._kind, blocking)
        document = await read_document(request, found.settings.api_max_body_bytes)
        kind, who = self._kind, info(request)
        who.subject_name = name_in(document)
        if is_true("dry_run", dry_run):
            write = partial(writes.create, found, who, kind, namespace, document)
            return json_response(await rehearse(found, kind, write))
        record = await writes.create(found, who, kind, namespace, document)
        answer = await self._done(request, record, wanted, HTTPStatus.CREATED)
        answer.headers["Location"] = self._one.format(namespace=record.namespace, name=record.name)
        return answer

    async def read(
        self, request: Request, namespace: str, name: str, if_none_match: IfNoneMatch = None
    ) -> Response:
        """The resource with what is desired and what is. Secrets are replaced by a placeholder."""
        refuse_unknown(request)
        record = await services(request).store.get(self._kind.name, namespace, name)
        return await resource_response(services(request), record, if_none_match=if_none_match)

    async def update(
        self,
        request: Request,
        namespace: str,
        name: str,
        dry_run: DryRun = None,
        blocking: Blocking = None,
        if_match: IfMatch = None,
    ) -> Response:
        """Replace spec and labels by those in the body, which is a whole resource.

        An update that changes nothing succeeds and does nothing. A placeholder in place of a secret leaves
        the secret as it is. With a header `If-Match: "REVISION"` the update happens only if nobody else
        changed the resource since. With `dry_run` nothing is stored, as with a creation.
        """
        refuse_unknown(request, WRITE)
        found = services(request)
        wanted = wanted_state(self._kind, blocking)
        revisions = revisions_of(if_match)
        document = await read_document(request, found.settings.api_max_body_bytes)
        kind, who = self._kind, info(request)
        if is_true("dry_run", dry_run):
            write = partial(writes.update, found, who, kind, namespace, name, document, revisions)
            return json_response(await rehearse(found, kind, write))
        record = await writes.update(found, who, kind, namespace, name, document, revisions)
        return await self._done(request, record, wanted)

    async def delete(
        self,
        request: Request,
        namespace: str,
        name: str,
        force: Force = None,
        policy: Policy = None,
        dry_run: DryRun = None,
        blocking: Blocking = None,
        if_match: IfMatch = None,
    ) -> Response:
        """Mark the resource for deletion. It stays, with `metadata.deleted`, until all of it is gone.

        What names it as an owner is deleted with it, before it. The applications on a cluster move elsewhere
        first (`drain`), are deleted too (`cascade`), or leave their objects there and are placed anew
        (`orphan`). With `force` the resource is gone at once.
        """
        refuse_unknown(request, DELETE)
        found = services(request)
        wanted = wanted_state(self._kind, blocking, deleting=True)
        remove = partial(
            removal.delete,
            found,
            info(request),
            self._kind,
            namespace,
            name,
            policy=policy,
            force=is_true("force", force),
            revisions=revisions_of(if_match),
        )
        if is_true("dry_run", dry_run):
            return json_response(await rehearse(found, self._kind, lambda look: remove(look=look)))
        return await self._done(request, await remove(), wanted)

    async def _done(
        self, request: Request, record: Record, wanted: str | None, status: HTTPStatus = HTTPStatus.OK
    ) -> Response:
        """The answer to a write, held back until the resource has the wanted state."""
        found = services(request)
        if wanted is not None:
            info(request).streamed = True
            record = await wait_for_state(found, record, wanted, info(request).look_again)
        return await resource_response(found, record, status)

    async def list_some(self, request: Request, namespace: str, query: Query) -> Response:
        """The resources of the namespace, by name. With `watch`, their changes from now or from `since` on.

        A watch is a stream of JSON lines, `{"type": "ADDED" | "MODIFIED" | "DELETED", "object": …}`; with
        `Accept: text/event-stream` of server-sent events with the same content.
        """
        return await self._list_or_watch(request, namespace, query)

    @filtered
    async def list_all(self, request: Request, query: Query) -> Response:
        """The resources of all namespaces, by namespace and name; with `watch`, their changes."""
        return await self._list_or_watch(request, None, query)

    async def _list_or_watch(self, request: Request, namespace: str | None, query: ListQuery) -> Response:
        refuse_unknown(request, LIST)
        narrowed = selector(query.label_selector, query.field_selector)
        if query.watch is not None:
            return await self._watch(request, namespace, query, narrowed)
        if query.name is not None:
            raise invalid_field(
                "name", "Only a watch can be narrowed to one name; get the resource by its path"
            )
        store, kind = services(request).store, self._kind
        ages = await services(request).ages.read(kind.name)
        wanted = Wanted(kind, namespace, info(request).reach.limit(), narrowed, ages)
        if query.limit is None:
            return await long_list_response(kind, pages(store, wanted, query.after), ages)
        return list_response(kind, await page(store, wanted, query.limit, query.after), ages)

    async def _watch(
        self, request: Request, namespace: str | None, query: ListQuery, narrowed: Selector
    ) -> Response:
        found = services(request)
        feed = found.feeds.of(self._kind.name)
        since = query.since
        if since is None:
            since = await found.store.revision()
        else:
            await feed.since(since, lambda entry: False)
        info(request).streamed = True
        asked = Watching(
            since=since,
            namespace=namespace,
            name=query.name,
            selector=narrowed,
            heartbeat=query.heartbeat,
            form=form_of(request.headers.get("accept")),
        )
        return watch_stream(feed, found.metrics, info(request).look_again, asked, ending_of(request))

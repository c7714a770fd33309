"""Create, read, list, watch, update and delete: the same for every kind of resources."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from api import removal, writes
from api.answers import json_response, list_response, long_list_response, resource_response
from api.audit_subject import name_in
from api.authorization.routes import filtered
from api.body import read_document
from api.decisions import rehearse
from api.deps import info, services
from api.openapi import answers, body_of, list_model, problems
from api.parameters import (
    DELETE,
    DRY_RUN,
    LIST,
    Continue,
    DryRun,
    Force,
    Heartbeat,
    Limit,
    OnlyName,
    Policy,
    Since,
    Watch,
    is_true,
    refuse_unknown,
)
from api.problems import invalid_field
from api.scope import scoped
from api.watch import watch as watch_stream
from krake.models.kinds import Kind
from krake.store.records import Listing
from krake.store.store import Store

PAGE = 1000
"""Resources that are read and rendered in one go."""


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
        listed = answers(
            list_model(kind), f"The {kind.plural}; with `watch`, a stream of `WatchEvent` lines."
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
            responses=answers(kind.model, f"The {kind.word}.") | problems(404, 422, 503),
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
            responses=answers(kind.model, f"The new {word}.", 201) | problems(400, 409, 413, 415, 422, 503),
            openapi_extra=body_of(kind),
        )
        add(
            self._one,
            scoped(kind, self.update),
            methods=["PUT"],
            summary=f"Replace spec and labels of one {word}",
            operation_id=f"update{kind.name}",
            responses=answers(kind.model, f"The {word} as it is now.")
            | problems(400, 404, 409, 412, 413, 415, 422, 503),
            openapi_extra=body_of(kind),
        )
        add(
            self._one,
            scoped(kind, self.delete),
            methods=["DELETE"],
            summary=f"Delete one {word}",
            operation_id=f"delete{kind.name}",
            responses=answers(kind.model, f"The {word}, {marked}.") | problems(404, 422, 503),
        )

    async def create(self, request: Request, namespace: str, dry_run: DryRun = None) -> Response:
        """Store a new resource and set its lifecycle going.

        What belongs to the server (`status`, `uid`, times, revisions) is ignored in the body; the namespace
        is the one in the path. The answer is owed to the commit: the work begins right after it. With
        `dry_run` nothing is stored: the answer tells what would be, and where an application would go.
        """
        refuse_unknown(request, DRY_RUN)
        found = services(request)
        document = await read_document(request, found.settings.api_max_body_bytes)
        kind, who = self._kind, info(request)
        who.subject_name = name_in(document)
        if is_true("dry_run", dry_run):
            write = partial(writes.create, found, who, kind, namespace, document)
            return json_response(await rehearse(found, kind, write))
        record = await writes.create(found, who, kind, namespace, document)
        answer = await resource_response(services(request), record, HTTPStatus.CREATED)
        answer.headers["Location"] = self._one.format(namespace=record.namespace, name=record.name)
        return answer

    async def read(self, request: Request, namespace: str, name: str) -> Response:
        """The resource with what is desired and what is. Secrets are replaced by a placeholder."""
        refuse_unknown(request)
        record = await services(request).store.get(self._kind.name, namespace, name)
        return await resource_response(services(request), record)

    async def update(self, request: Request, namespace: str, name: str, dry_run: DryRun = None) -> Response:
        """Replace spec and labels by those in the body, which is a whole resource.

        An update that changes nothing succeeds and does nothing. A placeholder in place of a secret leaves
        the secret as it is. With a header `If-Match: "REVISION"` the update happens only if nobody else
        changed the resource since. With `dry_run` nothing is stored, as with a creation.
        """
        refuse_unknown(request, DRY_RUN)
        found = services(request)
        revisions = writes.revisions_of(request.headers.get("if-match"))
        document = await read_document(request, found.settings.api_max_body_bytes)
        kind, who = self._kind, info(request)
        if is_true("dry_run", dry_run):
            write = partial(writes.update, found, who, kind, namespace, name, document, revisions)
            return json_response(await rehearse(found, kind, write))
        record = await writes.update(found, who, kind, namespace, name, document, revisions)
        return await resource_response(services(request), record)

    async def delete(
        self, request: Request, namespace: str, name: str, force: Force = None, policy: Policy = None
    ) -> Response:
        """Mark the resource for deletion. It stays, with `metadata.deleted`, until all of it is gone.

        What names it as an owner is deleted with it, before it. The applications on a cluster move elsewhere
        first (`drain`), are deleted too (`cascade`), or leave their objects there and are placed anew
        (`orphan`). With `force` the resource is gone at once.
        """
        refuse_unknown(request, DELETE)
        record = await removal.delete(
            services(request),
            info(request),
            self._kind,
            namespace,
            name,
            policy=policy,
            force=is_true("force", force),
        )
        return await resource_response(services(request), record)

    async def list_some(
        self,
        request: Request,
        namespace: str,
        watch: Watch = None,
        heartbeat: Heartbeat = 10,
        since: Since = None,
        name: OnlyName = None,
        limit: Limit = None,
        after: Continue = None,
    ) -> Response:
        """The resources of the namespace, by name. With `watch`, their changes from now or from `since` on.

        A watch is a stream of JSON lines, `{"type": "ADDED" | "MODIFIED" | "DELETED", "object": …}`.
        """
        refuse_unknown(request, LIST)
        if watch is not None:
            return await self._watch(request, namespace, name, since, heartbeat)
        return await self._list(request, namespace, name, limit, after)

    @filtered
    async def list_all(
        self,
        request: Request,
        watch: Watch = None,
        heartbeat: Heartbeat = 10,
        since: Since = None,
        name: OnlyName = None,
        limit: Limit = None,
        after: Continue = None,
    ) -> Response:
        """The resources of all namespaces, by namespace and name; with `watch`, their changes."""
        refuse_unknown(request, LIST)
        if watch is not None:
            return await self._watch(request, None, name, since, heartbeat)
        return await self._list(request, None, name, limit, after)

    async def _list(
        self, request: Request, namespace: str | None, name: str | None, limit: int | None, after: str | None
    ) -> Response:
        if name is not None:
            raise invalid_field(
                "name", "Only a watch can be narrowed to one name; get the resource by its path"
            )
        store, within = services(request).store, info(request).reach.limit()
        ages = await services(request).ages.read(self._kind.name)
        if limit is None:
            pages = _pages(store, self._kind, namespace, after, within)
            return await long_list_response(self._kind, pages, ages)
        listing = await store.list(self._kind.name, namespace, limit=limit, after=after, within=within)
        return list_response(self._kind, listing, ages)

    async def _watch(
        self, request: Request, namespace: str | None, name: str | None, since: int | None, heartbeat: int
    ) -> Response:
        found = services(request)
        feed = found.feeds.of(self._kind.name)
        if since is None:
            since = await found.store.revision()
        else:
            await feed.since(since, lambda entry: False)
        info(request).streamed = True
        look = info(request).look_again
        return watch_stream(
            feed, found.metrics, look, since=since, namespace=namespace, name=name, heartbeat=heartbeat
        )


async def _pages(
    store: Store, kind: Kind, namespace: str | None, after: str | None, within: frozenset[str] | None
) -> AsyncIterator[Listing]:
    """All resources in pages, so that nobody else waits while a long list is made."""
    while True:
        listing = await store.list(kind.name, namespace, limit=PAGE, after=after, within=within)
        yield listing
        if listing.continue_after is None:
            return
        after = listing.continue_after

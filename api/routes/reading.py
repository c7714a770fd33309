"""Read, list and watch: the same for every kind of resources."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from api.answers import list_response, long_list_response, resource_response
from api.authorization.routes import filtered
from api.deps import info, services
from api.ending import ending_of
from api.listing import Wanted, page, pages
from api.openapi import answers, list_model, problems, streamed, unchanged
from api.parameters import (
    LIST,
    IfNoneMatch,
    ListQuery,
    list_query,
    refuse_unknown,
)
from api.problems import invalid_field
from api.scope import scoped
from api.selectors import Selector, selector
from api.streams import EVENTS_TYPE, JSON_LINES_TYPE, form_of
from api.watch import Watching
from api.watch import watch as watch_stream
from krake.models.kinds import Kind

Query = Annotated[ListQuery, Depends(list_query)]


class ReadRoutes:
    """The routes of one kind that change nothing."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._some = kind.collection
        self._one = f"{self._some}/{{name}}"

    def add_to(self, router: APIRouter) -> None:
        """Serve them by this router."""
        kind, add = self._kind, router.add_api_route
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

    async def read(
        self, request: Request, namespace: str, name: str, if_none_match: IfNoneMatch = None
    ) -> Response:
        """The resource with what is desired and what is. Secrets are replaced by a placeholder."""
        refuse_unknown(request)
        record = await services(request).store.get(self._kind.name, namespace, name)
        return await resource_response(services(request), record, if_none_match=if_none_match)

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

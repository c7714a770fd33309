"""Create, update and delete: the same for every kind of resources."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from api import removal, writes
from api.answers import json_response, resource_response
from api.audit_subject import name_in
from api.blocking import wait_for_state, wanted_state
from api.body import read_document
from api.decisions import rehearse
from api.deps import info, services
from api.openapi import DryRun as Rehearsal
from api.openapi import answers, body_of, problems
from api.parameters import (
    DELETE,
    WRITE,
    Blocking,
    DryRun,
    Force,
    IfMatch,
    Policy,
    is_true,
    refuse_unknown,
)
from api.revisions import revisions_of
from api.scope import scoped
from krake.models.kinds import Kind
from krake.store.records import Record


class WriteRoutes:
    """The routes of one kind that change what is desired."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._some = kind.collection
        self._one = f"{self._some}/{{name}}"

    def add_to(self, router: APIRouter) -> None:
        """Serve them by this router."""
        self._add_create(router)
        self._add_update(router)
        self._add_delete(router)

    def _add_create(self, router: APIRouter) -> None:
        kind, word = self._kind, self._kind.word
        router.add_api_route(
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

    def _add_update(self, router: APIRouter) -> None:
        kind, word = self._kind, self._kind.word
        router.add_api_route(
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

    def _add_delete(self, router: APIRouter) -> None:
        kind, word = self._kind, self._kind.word
        marked = "marked for deletion" if kind.lifecycle else "as it was"
        router.add_api_route(
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

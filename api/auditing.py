"""Sees to it that every request that changes something, or is denied, leaves its entry in the audit."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.audit_recorder import AuditRecorder
from api.audit_subject import Subject, subject_of
from api.deps import RequestInfo
from krake.models.audit import AuditEntry, AuditResult
from krake.store.audit import audited

_DENIED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_NO_ANSWER = HTTPStatus.INTERNAL_SERVER_ERROR


class Auditing:
    """The outermost middleware: it learns of denials that nothing inside of it sees."""

    def __init__(self, app: ASGIApp, recorder: AuditRecorder) -> None:
        self._app = app
        self._recorder = recorder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 0

        async def note_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, note_status)
            if status in _DENIED:
                await self._recorder.add(Call(scope, subject_of("GET", scope["path"])).entry(status))
            return
        call = Call(scope, subject_of(scope["method"], scope["path"]))
        token = audited.set(call)
        try:
            await self._app(scope, receive, note_status)
        finally:
            audited.reset(token)
            call.over = True
            if call.untold(status or _NO_ANSWER):
                await self._recorder.add(call.entry(status or _NO_ANSWER))


class Call:
    """One request that may change something, while it is carried out."""

    def __init__(self, scope: Scope, subject: Subject) -> None:
        self._scope = scope
        self._subject = subject
        self._told = False
        self.over = False

    def due(self) -> AuditEntry | None:
        """The entry to write with the first change; the answer is going to be the route's usual one."""
        if self._told or self.over or not self._subject.changes:
            return None
        return self.entry(getattr(self._scope.get("route"), "status_code", None) or HTTPStatus.OK)

    def committed(self) -> None:
        """The entry is stored with the change."""
        self._told = True

    def untold(self, status: int) -> bool:
        """Whether the answer has to be told of by an entry of its own."""
        if status in _DENIED:
            return True
        if not self._subject.changes:
            return False
        if status >= HTTPStatus.BAD_REQUEST:
            return True
        return not self._told and not self._is_rehearsal()

    def entry(self, status: int) -> AuditEntry:
        """The entry for an answer with this status."""
        request: RequestInfo | None = self._scope.get("krake")
        subject, client = self._subject, self._scope.get("client")
        named = getattr(request, "subject_name", "")
        return AuditEntry(
            at=datetime.now(UTC),
            user=(request.user.name if request else "")[:255],
            verb=subject.verb,
            kind=subject.kind,
            namespace=subject.namespace,
            name=subject.name or named,
            part=subject.part,
            result=AuditResult.of(status),
            status=status,
            source=str(client[0])[:64] if client else "",
            request_id=request.id if request else "",
        )

    def _is_rehearsal(self) -> bool:
        given = parse_qs(self._scope.get("query_string", b"").decode("latin-1"))
        return any(value.lower() in ("true", "1") for value in given.get("dry_run", []))

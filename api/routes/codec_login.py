"""Logging a browser in to the codec routes, so that the Temporal UI can show what is encrypted."""

from __future__ import annotations

from html import escape
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from api.answers import json_response
from api.authentication.browser import COOKIE, COOKIE_SECONDS, TICKET_SECONDS
from api.authentication.credentials import credentials_of
from api.authorization.routes import exempt, needs
from api.deps import services
from api.openapi import answers, problems
from api.parameters import refuse_unknown
from api.problems import ProblemError, Title
from krake.models.codec import CodecTicket
from krake.models.permissions import Verb
from krake.settings import CODEC_PATH

Ticket = Annotated[str, Query(max_length=8000, description="From `POST /temporal/codec/ticket`.")]

_CLOSED = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; form-action 'none'"
_PAGE = """\
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Krake</title>
<style>body {{ font: 1rem/1.5 sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem }}</style>
</head><body><h1>This browser may read what Temporal keeps for Krake</h1>
<p>For {hours} hours, or until the token is revoked. Only once for each browser: open the
<a href="{ui}">Temporal UI</a>, click on the glasses at the top ("Configure Codec Server"), choose
"Use my browser setting and ignore Cluster-level setting", give the endpoint <code>{endpoint}</code>,
switch on "Include cross-origin credentials" and apply.</p></body></html>
"""

router = APIRouter(prefix=CODEC_PATH, tags=["temporal"])


@router.post(
    "/ticket",
    summary="Ask for a link that logs a browser in to the codec server",
    operation_id="createCodecTicket",
    responses=answers(CodecTicket, "The ticket.") | problems(400, 409, 422),
)
@needs(Verb.UPDATE, "codec/decode")
async def ticket(request: Request) -> Response:
    """The link counts once, for a minute, and is worth as much as the token that asks for it, but to decrypt
    payloads only. The browser's cookie ends with the token."""
    refuse_unknown(request)
    found = services(request)
    token = credentials_of(request.scope).token
    if not found.browsers.needed:
        raise _useless("Payloads are not encrypted: the Temporal UI shows them to everybody")
    if not token:
        raise _useless("The request carries no token that a browser could be lent")
    made = found.browsers.ticket(token)
    if not made:
        raise _useless("The token is too long for a browser's cookie; use one of `krake token create`")
    path = f"{CODEC_PATH}/login?ticket={made}"
    return json_response({"path": path, "seconds": TICKET_SECONDS, "ui": found.settings.temporal_ui_url})


@router.get(
    "/login",
    summary="Log a browser in to the codec server",
    operation_id="logInToCodec",
    response_class=HTMLResponse,
    responses=problems(401, 422),
)
@exempt("the ticket says who it is")
async def login(request: Request, ticket: Ticket = "") -> Response:
    """Exchanges a ticket for a cookie that counts on the codec routes only, and says what to do next."""
    refuse_unknown(request, frozenset({"ticket"}))
    found = services(request)
    value = found.browsers.redeem(ticket)
    page = _PAGE.format(
        hours=COOKIE_SECONDS // 3600,
        ui=escape(found.settings.temporal_ui_url),
        endpoint=escape(f"{request.url.scheme}://{request.url.netloc}{CODEC_PATH}"),
    )
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": _CLOSED,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    answer = HTMLResponse(page, headers=headers)
    answer.set_cookie(
        COOKIE,
        value,
        max_age=COOKIE_SECONDS,
        path=CODEC_PATH,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return answer


def _useless(detail: str) -> ProblemError:
    return ProblemError(HTTPStatus.CONFLICT, detail, title=Title.UPDATE_ERROR)

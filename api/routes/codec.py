"""Decrypting what Temporal keeps for those who may see it: the codec server of the Temporal UI."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from temporalio.api.common.v1 import Payload, Payloads

from api.answers import json_response
from api.body import read_document
from api.deps import services
from api.openapi import answers, body_of, problems
from api.parameters import refuse_unknown
from api.problems import ProblemError, invalid_field
from krake.models.codec import PayloadList
from krake.secrets import SecretError
from krake.settings import CODEC_PATH

Work = Callable[[Sequence[Payload]], Awaitable[list[Payload]]]

router = APIRouter(prefix=CODEC_PATH, tags=["temporal"])

_BODY = body_of(PayloadList)
_PROBLEMS = problems(400, 401, 413, 415, 422)


@router.post(
    "/decode",
    summary="Decrypt payloads of Temporal",
    operation_id="decodePayloads",
    responses=answers(PayloadList, "The payloads, readable.") | _PROBLEMS,
    openapi_extra=_BODY,
)
async def decode(request: Request) -> Response:
    """What the Temporal UI asks before it shows arguments, results and failures. Plain ones stay."""
    refuse_unknown(request)
    codec = services(request).temporal.data_converter.payload_codec
    return await _answer(request, codec.decode if codec else _unchanged)


@router.post(
    "/encode",
    summary="Encrypt payloads for Temporal",
    operation_id="encodePayloads",
    responses=answers(PayloadList, "The payloads, encrypted.") | _PROBLEMS,
    openapi_extra=_BODY,
)
async def encode(request: Request) -> Response:
    """What the Temporal UI asks before it sends a signal. Without encryption, payloads stay as they are."""
    refuse_unknown(request)
    codec = services(request).temporal.data_converter.payload_codec
    return await _answer(request, codec.encode if codec else _unchanged)


async def _unchanged(payloads: Sequence[Payload]) -> list[Payload]:
    return list(payloads)


async def _answer(request: Request, work: Work) -> Response:
    document = await read_document(request, services(request).settings.api_max_body_bytes)
    given = Payloads()
    try:
        ParseDict(document, given)
    except ParseError:
        raise invalid_field("payloads", "The body has to be Temporal's list of payloads, as JSON") from None
    try:
        done = await work(given.payloads)
    except SecretError as error:
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, f"{error.what}. {error.why}".strip()) from None
    # An empty list is left out by protobuf's JSON, and missed by the UI.
    return json_response({"payloads": [], **MessageToDict(Payloads(payloads=done))})

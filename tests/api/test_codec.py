"""The codec server that the Temporal UI asks: what it decrypts, for whom, and from which pages."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from google.protobuf.json_format import MessageToDict
from temporalio.api.common.v1 import Payloads

from api.cors import origins_of
from api.deps import Services
from api.problems import ProblemError
from krake.messages.base import Target
from krake.payloads import data_converter
from krake.secrets import Cipher, new_key

DECODE, ENCODE = "/temporal/codec/decode", "/temporal/codec/encode"
TARGET = Target(kind="Application", namespace="shop", name="web", uid="1")


@pytest.fixture
def url(sqlite_url: str) -> str:
    """The store does not matter here."""
    return sqlite_url


async def encrypted(app: FastAPI) -> dict[str, Any]:
    """A payload as Temporal keeps it."""
    parts: Services = app.state.services
    return MessageToDict(Payloads(payloads=await parts.temporal.data_converter.encode([TARGET])))


async def test_it_decrypts_what_temporal_keeps(app: FastAPI, client: httpx.AsyncClient) -> None:
    given = await encrypted(app)
    assert "shop" not in str(given)
    [payload] = (await client.post(DECODE, json=given)).json()["payloads"]
    import base64

    assert b'"namespace":"shop"' in base64.b64decode(payload["data"])
    assert base64.b64decode(payload["metadata"]["encoding"]) == b"json/plain"


async def test_it_encrypts_what_the_ui_sends(client: httpx.AsyncClient) -> None:
    plain = {"payloads": [{"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "InRleHQi"}]}
    sealed = (await client.post(ENCODE, json=plain)).json()
    assert sealed != plain
    assert (await client.post(DECODE, json=sealed)).json() == plain
    assert (await client.post(DECODE, json=plain)).json() == plain
    assert (await client.post(DECODE, json={})).json() == {"payloads": []}


async def test_payloads_of_other_keys_are_a_clear_problem(client: httpx.AsyncClient) -> None:
    foreign = await data_converter(Cipher.from_keys([new_key()])).encode([TARGET])
    answer = await client.post(DECODE, json=MessageToDict(Payloads(payloads=foreign)))
    assert answer.status_code == 422
    assert "key that is not set" in answer.json()["detail"]


@pytest.mark.parametrize("body", ['{"payloads": 7}', '{"payloads": [7]}', '{"x": 1}', "[]"])
async def test_anything_else_is_refused(client: httpx.AsyncClient, body: str) -> None:
    answer = await client.post(DECODE, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


async def test_it_asks_who_one_is(
    app: FastAPI, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts: Services = app.state.services

    async def deny(*_: Any) -> Any:
        raise ProblemError(HTTPStatus.UNAUTHORIZED, "The token is not valid")

    monkeypatch.setattr(parts, "authenticate", deny)
    for path in (DECODE, ENCODE):
        answer = await client.post(
            path, json=await encrypted(app), headers={"Origin": "http://127.0.0.1:8233"}
        )
        assert answer.status_code == 401
        assert "shop" not in answer.text


async def test_browsers_may_ask_from_the_ui_only(client: httpx.AsyncClient) -> None:
    asking = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    for origin, allowed in (
        ("http://127.0.0.1:8233", True),
        ("http://localhost:8233", True),
        ("http://evil.example", False),
        ("http://127.0.0.1:9999", False),
    ):
        answer = await client.options(DECODE, headers={"Origin": origin, **asking})
        assert (answer.headers.get("Access-Control-Allow-Origin") == origin) is allowed, origin
        read = await client.post(DECODE, json={}, headers={"Origin": origin})
        assert (read.headers.get("Access-Control-Allow-Origin") == origin) is allowed, origin
    elsewhere = await client.get("/me", headers={"Origin": "http://127.0.0.1:8233"})
    assert "Access-Control-Allow-Origin" not in elsewhere.headers


def test_origins_of_the_ui() -> None:
    assert origins_of("https://ui.example.org/path") == ["https://ui.example.org"]
    assert origins_of("http://127.0.0.1:8233") == ["http://127.0.0.1:8233", "http://localhost:8233"]
    assert origins_of("") == []

"""Schemathesis over the whole OpenAPI document: no server error, and no answer that is not in the document.

The same few requests on every run; others, and more of them, with `make fuzz`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import pytest
import requests
import schemathesis
from anyio.from_thread import BlockingPortal, start_blocking_portal
from hypothesis import given
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from temporalio.client import Client

from api import blocking
from api.app import create_app
from api.authentication import is_open
from api.document import served_document
from api.examples import EXAMPLES
from api.streams import EVENTS_TYPE, JSON_LINES_TYPE
from krake.models.kinds import KINDS
from krake.secrets import Cipher, new_key
from krake.setting_groups.api import AuthenticationWay
from krake.settings import Settings
from krake.store import Store, migrate
from krake.temporal import connect
from tests.support.budget import budget

BASE = "http://api"
EXAMPLES_EACH = 6
STRANGERS_EACH = 2
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SCHEMA = schemathesis.openapi.from_dict(asyncio.run(served_document()))
OPERATIONS = {
    f"{found.ok().method} {found.ok().path}": found.ok()
    for found in SCHEMA.get_all_operations()
    if isinstance(found, Ok)
}


class OnlyHeads:
    """Ends streams right after their head: they would never end by themselves."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        streaming = asyncio.Event()

        async def send_head(message: Message) -> None:
            if streaming.is_set():
                return
            await send(message)
            if message["type"] == "http.response.start":
                kinds = dict(message["headers"]).get(b"content-type", b"").decode()
                if kinds.startswith((JSON_LINES_TYPE, EVENTS_TYPE)):
                    streaming.set()

        answering = asyncio.ensure_future(self._app(scope, receive, send_head))
        cut = asyncio.ensure_future(streaming.wait())
        await asyncio.wait({answering, cut}, return_when=asyncio.FIRST_COMPLETED)
        cut.cancel()
        if streaming.is_set():
            answering.cancel()
            await asyncio.gather(answering, return_exceptions=True)
            await send({"type": "http.response.body", "body": b""})
            return
        await answering


class Server:
    """The application in a thread of its own, called without sockets."""

    def __init__(self, portal: BlockingPortal, client: httpx.AsyncClient) -> None:
        self._portal = portal
        self._client = client

    def answer(self, request: requests.PreparedRequest) -> schemathesis.Response:
        """The answer to a request."""
        return self._portal.call(self._answer, request)

    async def _answer(self, request: requests.PreparedRequest) -> schemathesis.Response:
        body = request.body
        content = body.encode() if isinstance(body, str) else body
        assert content is None or isinstance(content, bytes)
        headers = [(_bytes(name), _bytes(value)) for name, value in request.headers.items()]
        made = httpx.Request(str(request.method), str(request.url), headers=headers, content=content)
        answer = await self._client.send(made)
        given = {name: answer.headers.get_list(name) for name in answer.headers}
        return schemathesis.Response(
            answer.status_code, given, answer.content, request, answer.elapsed.total_seconds(), False
        )


def _bytes(text: str | bytes) -> bytes:
    return text.encode("latin-1") if isinstance(text, str) else text


@contextmanager
def _served(folder: Path, temporal: Client, way: AuthenticationWay, *, examples: bool) -> Iterator[Server]:
    """A server with a store of its own, and one example of each kind in it if wanted."""
    url = f"sqlite+aiosqlite:///{folder / 'krake.db'}"
    migrate.upgrade(url)
    address = temporal.service_client.config.target_host
    settings = Settings(
        state_dir=folder,
        temporal_address=address,
        api_max_body_bytes=64 * 1024,
        authentication=[way],
    )
    with pytest.MonkeyPatch.context() as patch, start_blocking_portal() as portal:
        patch.setattr(blocking, "LONGEST", 0.05)

        async def opened() -> tuple[Store, Any]:
            store = Store.open(url, Cipher.from_keys([new_key()]))
            return store, create_app(settings, store, await connect(settings))

        store, app = portal.call(opened)
        client = httpx.AsyncClient(transport=httpx.ASGITransport(OnlyHeads(app)), base_url=BASE)
        with portal.wrap_async_context_manager(app.router.lifespan_context(app)):
            for kind in KINDS.values() if examples else ():
                path = kind.collection.format(namespace="testing")
                made = portal.call(partial(client.post, path, json=EXAMPLES[kind.name]))
                assert made.status_code == 201, made.text
            yield Server(portal, client)
        portal.call(client.aclose)
        portal.call(store.close)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, temporal: Client) -> Iterator[Server]:
    """The server that takes everybody for an administrator, with one example of each kind in it."""
    folder = tmp_path_factory.mktemp("generated")
    with _served(folder, temporal, AuthenticationWay.STATIC, examples=True) as made:
        yield made


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, temporal: Client) -> Iterator[Server]:
    """The server that wants a token."""
    folder = tmp_path_factory.mktemp("guarded")
    with _served(folder, temporal, AuthenticationWay.TOKENS, examples=False) as made:
        yield made


def _cases(name: str) -> st.SearchStrategy[schemathesis.Case[Any]]:
    """Requests that fit the document and such that do not; half of them meet a resource that is there."""
    operation = OPERATIONS[name]
    plural = operation.path.partition("/{name}")[0].rpartition("/")[2]
    kind = next((kind for kind in KINDS.values() if kind.plural == plural), None)
    there = {"namespace": "testing"}
    if kind is not None and "{name}" in operation.path:
        there["name"] = EXAMPLES[kind.name]["metadata"]["name"]
    known = {key: value for key, value in there.items() if f"{{{key}}}" in operation.path}
    modes = [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]
    strategies = [operation.as_strategy(mode) for mode in modes]
    if known:
        strategies += [operation.as_strategy(mode, path_parameters=known) for mode in modes]
    return st.one_of(strategies)


@pytest.mark.parametrize("name", OPERATIONS)
def test_no_server_error_and_no_answer_that_is_not_documented(server: Server, name: str) -> None:
    @budget(EXAMPLES_EACH)
    @given(_cases(name))
    def check(case: schemathesis.Case[Any]) -> None:
        request = requests.Request(**case.as_transport_kwargs(base_url=BASE)).prepare()
        case.validate_response(server.answer(request), checks=CHECKS)

    check()


@pytest.mark.parametrize("name", OPERATIONS)
def test_without_a_credential_only_what_is_open_answers(guarded: Server, name: str) -> None:
    @budget(STRANGERS_EACH)
    @given(_cases(name))
    def check(case: schemathesis.Case[Any]) -> None:
        request = requests.Request(**case.as_transport_kwargs(base_url=BASE)).prepare()
        answer = guarded.answer(request)
        case.validate_response(answer, checks=CHECKS)
        path = unquote(urlsplit(str(request.url)).path)
        assert is_open(str(request.method), path, metrics=False) or answer.status_code == 401

    check()

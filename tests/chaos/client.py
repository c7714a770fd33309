"""A user who does not give up: every call is repeated until the API answers it, one way or another."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Self

import httpx

Document = dict[str, Any]

PATIENCE = 120.0
PAUSE = 0.2
NAMESPACE = "chaos"


class Client:
    """Calls of the REST API. An answer that was lost is asked for again: all calls here may be repeated."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def create(self, plural: str, document: Document) -> None:
        """Create a resource; when it is there already, an answer was lost before."""
        status, answer = await self._call("POST", _path(plural), document)
        _expect(status, answer, HTTPStatus.CREATED, HTTPStatus.CONFLICT)

    async def replace(self, plural: str, document: Document) -> None:
        """Replace a resource."""
        status, answer = await self._call("PUT", _path(plural, document["metadata"]["name"]), document)
        _expect(status, answer, HTTPStatus.OK)

    async def delete(self, plural: str, name: str) -> None:
        """Ask for a deletion; when nothing is there, it has happened already."""
        status, answer = await self._call("DELETE", _path(plural, name))
        _expect(status, answer, HTTPStatus.OK, HTTPStatus.NOT_FOUND)

    async def ask(self, plural: str, name: str, what: str, body: Document | None = None) -> bool:
        """Call a subresource; returns whether it was accepted, or refused with a reason."""
        status, answer = await self._call("PUT", _path(plural, name, what), body or {})
        accepted = status < HTTPStatus.BAD_REQUEST
        if not accepted and status not in (HTTPStatus.CONFLICT, HTTPStatus.BAD_REQUEST):
            raise AssertionError(f"PUT {plural}/{name}/{what}: {status} {answer}")
        return accepted

    async def find(self, plural: str, name: str, what: str = "") -> Document | None:
        """A resource, or None."""
        status, answer = await self._call("GET", _path(plural, name, what))
        if status == HTTPStatus.NOT_FOUND:
            return None
        _expect(status, answer, HTTPStatus.OK)
        return answer

    async def list(self, plural: str) -> dict[str, Document]:
        """All resources of the namespace by name."""
        status, answer = await self._call("GET", _path(plural))
        _expect(status, answer, HTTPStatus.OK)
        return {item["metadata"]["name"]: item for item in answer["items"]}

    async def get(self, path: str) -> Document:
        """The answer of any other path."""
        status, answer = await self._call("GET", path)
        _expect(status, answer, HTTPStatus.OK)
        return answer

    async def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> tuple[int, Document]:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = await self._http.request(method, path, json=body)
                if answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
                    return answer.status_code, answer.json()
                trouble = f"{answer.status_code} {answer.text[:300]}"
                assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE, f"{method} {path}: {trouble}"
            except httpx.TransportError as error:
                trouble = f"{type(error).__name__}: {error}"
            assert time.monotonic() < deadline, f"{method} {path} is not answered: {trouble}"
            await asyncio.sleep(PAUSE)


def _path(plural: str, name: str = "", what: str = "") -> str:
    parts = ["/kubernetes/namespaces", NAMESPACE, plural, name, what]
    return "/".join(part for part in parts if part)


def _expect(status: int, answer: Document, *wanted: HTTPStatus) -> None:
    assert status in wanted, f"{status}, expected {[int(one) for one in wanted]}: {answer}"

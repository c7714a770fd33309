"""A client of a machine's Kubernetes API that shows a client certificate."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any, Self

import httpx

from krake.tls.pair import Pair

Document = dict[str, Any]


class Api:
    """Reads and writes objects by their paths; used as an asynchronous context manager."""

    def __init__(self, url: str, authority: Path, identity: Pair) -> None:
        trust = ssl.create_default_context(cafile=str(authority))
        trust.load_cert_chain(identity.certificate, identity.key)
        self._client = httpx.AsyncClient(base_url=url, verify=trust, timeout=20, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self._client.aclose()

    async def answers(self, path: str) -> bool:
        """Whether a path answers with success."""
        try:
            return (await self._client.get(path)).is_success
        except httpx.TransportError:
            return False

    async def items(self, path: str, **query: str) -> list[Document]:
        """The objects of a collection."""
        answer = await self._client.get(path, params=query)
        assert answer.is_success, answer.text
        return list(answer.json()["items"])

    async def create(self, path: str, document: Document) -> None:
        """Create an object in a collection."""
        answer = await self._client.post(path, json=document)
        assert answer.is_success, answer.text

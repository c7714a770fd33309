"""One cluster's API server: authenticated requests with limits, time-outs and clear errors."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import aiohttp
import orjson
from kubernetes.aio.client import ApiClient
from kubernetes.aio.stream.ws_client import get_websocket_url

from activities.kubernetes.breaker import CircuitBreaker
from activities.kubernetes.errors import from_answer, unreachable
from activities.kubernetes.limits import Limits
from activities.metrics import CLUSTER_REQUESTS

_NO_ANSWER = (aiohttp.ClientError, asyncio.TimeoutError, OSError, ssl.SSLError)

JSON = "application/json"

_CLOSE_SECONDS = 1.0
"""How long the other side may take to agree that a WebSocket is closed."""

Document = dict[str, Any]
Body = Document | list[Document] | None
"""What a request sends: a document, or the operations of a JSON patch."""


class ClusterConnection:
    """Talks to one Kubernetes API server.

    Args:
        name: the cluster's name, for messages.
        client: the Kubernetes client with address and credentials from the kubeconfig.
        namespace: where objects go that name no namespace.
        limits: time-out and concurrency of requests.
    """

    def __init__(self, name: str, client: ApiClient, namespace: str, limits: Limits) -> None:
        self.name = name
        self.namespace = namespace
        self._client = client
        self._limits = limits
        self._slots = asyncio.Semaphore(limits.concurrency)
        self._breaker = CircuitBreaker()
        self._closed = False
        self._last_failure = ""

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Body = None,
        content_type: str = "application/json",
        accept: str = JSON,
    ) -> Document:
        """Send one request and return the decoded answer.

        Args:
            body: sent as JSON.
            accept: the form of the answer, such as metadata only.

        Raises:
            ClusterError: the cluster did not answer, or answered with an error.
        """
        if not self._breaker.allows():
            raise unreachable(self.name, f"{self._last_failure}; it is tried again shortly")
        async with self._slots:
            status, content = await self._exchange(method, path, query or {}, body, content_type, accept)
        CLUSTER_REQUESTS.labels(self.name, method, str(status)).inc()
        if status >= 400:
            raise from_answer(self.name, status, content)
        return _decoded(content)

    async def stream(
        self, path: str, query: Mapping[str, str], *, silence: float, accept: str = JSON
    ) -> AsyncIterator[Document]:
        """Yield the events of a watch until the server ends it.

        Args:
            path: the collection's path.
            query: query parameters besides `watch`.
            silence: seconds without any event after which the watch counts as broken.
            accept: the form of the events' objects.

        Raises:
            ClusterError: the watch could not be opened or broke.
        """
        try:
            response = await self._send(
                "GET", path, {**query, "watch": "true"}, None, "application/json", silence, accept
            )
            try:
                if response.status >= 400:
                    raise from_answer(self.name, response.status, await response.read())
                while line := await response.content.readline():
                    yield _decoded(line)
            finally:
                response.close()
        except _NO_ANSWER as error:
            raise unreachable(self.name, _explain(error)) from error

    async def websocket(
        self, path: str, query: Sequence[tuple[str, str]], protocol: str
    ) -> aiohttp.ClientWebSocketResponse:
        """Open a WebSocket, which the caller closes. Pings are answered by the caller, too.

        The package's own `WsApiClient` knows neither the proxy nor the server name of a kubeconfig, and
        waits for ever for an answer, so its session is used directly.

        Raises:
            ClusterError: the cluster did not answer, refused, or speaks no such protocol.
        """
        if self._closed:
            raise unreachable(self.name, "its connection has just been renewed")
        request = await self._client.param_serialize(
            "GET", path, query_params=list(query), auth_settings=["BearerToken"]
        )
        try:
            async with asyncio.timeout(self._limits.timeout):
                socket = await self._shake_hands(request[1], request[2], protocol)
        except aiohttp.WSServerHandshakeError as error:
            CLUSTER_REQUESTS.labels(self.name, "CONNECT", str(error.status)).inc()
            raise from_answer(self.name, error.status, error.message.encode()) from error
        except _NO_ANSWER as error:
            CLUSTER_REQUESTS.labels(self.name, "CONNECT", "none").inc()
            raise unreachable(self.name, _explain(error)) from error
        CLUSTER_REQUESTS.labels(self.name, "CONNECT", "101").inc()
        return socket

    async def _shake_hands(
        self, url: str, headers: Mapping[str, str], protocol: str
    ) -> aiohttp.ClientWebSocketResponse:
        rest = self._client.rest_client
        if rest.pool_manager is None:
            rest.pool_manager = rest._create_pool_manager()
        socket: aiohttp.ClientWebSocketResponse = await rest.pool_manager.ws_connect(
            get_websocket_url(url),
            protocols=(protocol,),
            headers=headers,
            autoping=False,
            timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_SECONDS),
            proxy=rest.proxy,
            proxy_headers=rest.proxy_headers,
            server_hostname=rest.configuration.tls_server_name or None,
        )
        return socket

    async def close(self) -> None:
        """Close all connections."""
        self._closed = True
        await self._client.close()

    async def _exchange(
        self, method: str, path: str, query: Mapping[str, str], body: Body, content_type: str, accept: str
    ) -> tuple[int, bytes]:
        try:
            response = await self._send(method, path, query, body, content_type, self._limits.timeout, accept)
            content = await response.read()
        except _NO_ANSWER as error:
            self._breaker.failed()
            self._last_failure = _explain(error)
            CLUSTER_REQUESTS.labels(self.name, method, "none").inc()
            raise unreachable(self.name, _explain(error)) from error
        self._breaker.succeeded()
        return response.status, content

    async def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, str],
        body: Body,
        content_type: str,
        timeout: float,
        accept: str,
    ) -> aiohttp.ClientResponse:
        if self._closed:
            raise unreachable(self.name, "its connection has just been renewed")
        headers = {"Accept": accept, "Content-Type": content_type}
        request = await self._client.param_serialize(
            method,
            path,
            query_params=list(query.items()),
            header_params=headers,
            auth_settings=["BearerToken"],
        )
        answer = await self._client.rest_client.request(
            method,
            request[1],
            headers=request[2],
            body=body,
            _request_timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=self._limits.timeout, sock_read=timeout
            ),
        )
        response: aiohttp.ClientResponse = answer.response
        return response


def _decoded(content: bytes) -> Document:
    document = orjson.loads(content) if content else {}
    return document if isinstance(document, dict) else {}


def _explain(error: BaseException) -> str:
    if isinstance(error, asyncio.TimeoutError):
        return "no answer in time"
    return str(error) or type(error).__name__

"""HTTP by the standard library: a client library would take half of the time that a short command has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, ProxyHandler, Request, build_opener

from rok.config import Config, Tls
from rok.errors import ExitCode, RokError
from rok.problems import problem

_LOOPBACK = ("localhost", "127.0.0.1", "::1")

Params = Mapping[str, str | int]


class UnreachableError(RokError):
    """The API does not answer; where work is under way, trying again makes sense."""


class _NoRedirect(HTTPRedirectHandler):
    """A redirect is an error: a token must not follow it to another host."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Transport:
    """Sends requests to the API of one configuration, over the environment's proxy unless it is this machine.

    Raises:
        RokError: the certificate files of the configuration cannot be used.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        parts = urlsplit(config.api_url)
        handlers: list[Any] = [_NoRedirect()]
        if parts.hostname in _LOOPBACK:
            handlers.append(ProxyHandler({}))
        if parts.scheme == "https":
            handlers.append(HTTPSHandler(context=_ssl_context(config.tls, config.source)))
        self._opener = build_opener(*handlers)

    @contextmanager
    def open(
        self,
        method: str,
        path: str,
        *,
        timeout: float,
        params: Params | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[HTTPResponse]:
        """The answer to a request, to be read inside the context.

        Args:
            timeout: seconds without any sign of life after which the API counts as unreachable.

        Raises:
            UnreachableError: there is no answer, or it breaks off.
            ProblemError: the API answered with an error.
        """
        url = f"{self._config.api_url}{path}{f'?{urlencode(params)}' if params else ''}"
        request = Request(url, data=body, method=method, headers=self._headers(body, headers or {}))
        try:
            with self._opener.open(request, timeout=timeout) as response:
                yield response
        except HTTPError as error:
            with error:
                raise problem(error.code, error.read(), path) from None
        except (OSError, HTTPException) as error:
            raise self._unreachable(error) from None

    def _headers(self, body: bytes | None, further: Mapping[str, str]) -> dict[str, str]:
        headers = {"Accept": "application/json", **further}
        if self._config.token:
            headers["Authorization"] = f"Bearer {self._config.token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        return headers

    def _unreachable(self, error: Exception) -> UnreachableError:
        cause = error.reason if isinstance(error, URLError) else error
        words = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
        return UnreachableError(
            f"Krake's API at {self._config.api_url} cannot be reached",
            code=ExitCode.SERVER,
            why=words,
            fix=f"Start it with `krake up`, or set api_url (now from {self._config.source}) or ROK_API_URL",
        )


def _ssl_context(tls: Tls, source: str) -> Any:
    import ssl

    try:
        context = ssl.create_default_context(cafile=tls.client_ca or None)
        if tls.client_cert:
            context.load_cert_chain(tls.client_cert, tls.client_key or None)
    except OSError as error:
        raise RokError(
            "Cannot load the TLS files",
            code=ExitCode.USAGE,
            why=f"{error.strerror or error}: {tls.client_ca or '-'}, {tls.client_cert or '-'}",
            fix=f"Check tls in {source}",
        ) from None
    return context

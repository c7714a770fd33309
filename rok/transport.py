"""HTTP by the standard library: a client library would take half of the time that a short command has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import (
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    ProxyHandler,
    Request,
    build_opener,
)

from rok.config import Config, Tls
from rok.errors import ExitCode, RokError
from rok.problems import problem

_LOOPBACK = ("localhost", "127.0.0.1", "::1")

LARGE = 1 << 20
"""Bytes of a request from which on its size is the likeliest reason for a connection that breaks off."""

Params = Mapping[str, str | int]


class UnreachableError(RokError):
    """The API does not answer; where work is under way, trying again makes sense."""


class _NoRedirect(HTTPRedirectHandler):
    """A redirect is an error: a token must not follow it to another host."""

    def redirect_request(self, *_: Any) -> None:
        return None


class _Connection(HTTPConnection):
    """Reads the answer even of a server that refuses a request before it has all of it."""

    def send(self, data: Any) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):
            super().send(data)


class _EncryptedConnection(_Connection, HTTPSConnection):
    """The same, encrypted."""


class _Http(HTTPHandler):
    def http_open(self, req: Request) -> HTTPResponse:
        return self.do_open(_Connection, req)


class _Https(HTTPSHandler):
    def __init__(self, context: Any) -> None:
        super().__init__(context=context)
        self._encryption = context

    def https_open(self, req: Request) -> HTTPResponse:
        return self.do_open(_EncryptedConnection, req, context=self._encryption)


class Transport:
    """Sends requests to the API of one configuration, over the environment's proxy unless it is this machine.

    Raises:
        RokError: the certificate files of the configuration cannot be used, or others would read the token.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        parts = urlsplit(config.api_url)
        if parts.scheme == "http" and config.token and not config.insecure:
            _require_this_machine(config, parts.hostname or "")
        handlers: list[Any] = [_NoRedirect(), _Http()]
        if parts.hostname in _LOOPBACK:
            handlers.append(ProxyHandler({}))
        if parts.scheme == "https":
            handlers.append(_Https(_ssl_context(config.tls, config.source)))
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
            raise self._broken(error, len(body or b"")) from None

    def _headers(self, body: bytes | None, further: Mapping[str, str]) -> dict[str, str]:
        headers = {"Accept": "application/json", **further}
        if self._config.token:
            headers["Authorization"] = f"Bearer {self._config.token}"
        if body is not None:
            headers["Content-Type"] = "application/json"
        return headers

    def _broken(self, error: Exception, size: int) -> RokError:
        cause = error.reason if isinstance(error, URLError) else error
        if size > LARGE and isinstance(cause, ConnectionResetError):
            return RokError(
                f"The API did not take a request of {size / 2**20:.1f} MB",
                code=ExitCode.REFUSED,
                why="It broke off the connection; most likely that is more than it accepts",
                fix="Split the application into several smaller ones",
            )
        return self._unreachable(cause)

    def _unreachable(self, cause: BaseException | str) -> UnreachableError:
        if type(cause).__name__ == "SSLCertVerificationError":
            return _untrusted(self._config, cause)
        words = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
        return UnreachableError(
            f"Krake's API at {self._config.api_url} cannot be reached",
            code=ExitCode.SERVER,
            why=words,
            fix=f"Start it with `krake up`, or set api_url (now from {self._config.source}) or ROK_API_URL",
        )


def _require_this_machine(config: Config, host: str) -> None:
    """Raises: RokError: the token would cross a network in plain text."""
    from krake.tls.exposure import is_loopback

    if not is_loopback(host):
        raise RokError(
            f"The token is not sent to {config.api_url}",
            code=ExitCode.USAGE,
            why="Over plain http everybody on the way could read it, and act in your name",
            fix="Use https; or, where the way is safe, `rok --insecure …`, ROK_INSECURE=1, `insecure: true`",
        )


def _untrusted(config: Config, cause: BaseException | str) -> UnreachableError:
    return UnreachableError(
        f"The certificate of Krake's API at {config.api_url} is not trusted",
        code=ExitCode.SERVER,
        why=getattr(cause, "verify_message", "") or str(cause),
        fix=f"Give its CA with --api-ca-file, ROK_CA_FILE, or tls.client_ca (now {config.source})",
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
            fix=f"Check tls in {source}, --api-ca-file and ROK_CA_FILE",
        ) from None
    return context

"""Fetching a template or an archive: http(s) only, from checked addresses, limited in size and time."""

from __future__ import annotations

import signal
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from types import FrameType

import httpx

from activities.tosca.addresses import resolve
from activities.tosca.order import Limits
from activities.tosca.problems import PassingError, ToscaError
from krake.tosca import shown_url

_MOST_REDIRECTS = 5
_LONGEST_SILENCE = 10.0
_PASSING = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
_PORTS = {"http": 80, "https": 443}


class _CheckedTransport(httpx.BaseTransport):
    """Connects to the very address that was checked: a name that changes its address gains nothing.

    Redirects come through here like every other request.
    """

    def __init__(self, allow_internal: bool) -> None:
        self._allow_internal = allow_internal
        # Connections are not kept: one made for a host must not serve another host at the same address.
        self._inner = httpx.HTTPTransport(
            verify=httpx.create_ssl_context(),
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request to one of the host's addresses, with the host's name in the header and in TLS."""
        url = request.url
        if url.scheme not in _PORTS or not url.host:
            raise ToscaError("only http:// and https:// lead to templates and archives")
        host = url.raw_host.decode("ascii").strip("[]")
        addresses = resolve(host, url.port or _PORTS[url.scheme], allow_internal=self._allow_internal)
        failure: httpx.ConnectError | httpx.ConnectTimeout | None = None
        for address in addresses:
            try:
                return self._inner.handle_request(self._pinned(request, host, address))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
        raise failure or PassingError(f"the host {host} has no address")

    def _pinned(self, request: httpx.Request, host: str, address: str) -> httpx.Request:
        return httpx.Request(
            request.method,
            request.url.copy_with(host=address),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": host},
        )

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()


class Downloader:
    """All downloads of one translation, which share their time. For the main thread of a process only."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left = limits.download_seconds
        self._client = httpx.Client(
            transport=_CheckedTransport(limits.allow_internal_urls),
            follow_redirects=True,
            max_redirects=_MOST_REDIRECTS,
            timeout=_LONGEST_SILENCE,
            trust_env=False,
            headers={"User-Agent": "krake", "Accept-Encoding": "identity"},
        )

    def fetch(self, url: str, limit: int) -> bytes:
        """What is behind the URL.

        Args:
            url: an address that may hold secrets; no message shows them.
            limit: most bytes.

        Raises:
            ToscaError: it cannot be had, with a `PassingError` where that may change by itself.
        """
        try:
            with self._in_time():
                return self._read(url, limit)
        except ToscaError as error:
            raise type(error)(f"Cannot download {shown_url(url)}: {error}") from None
        except httpx.TooManyRedirects:
            raise ToscaError(f"Cannot download {shown_url(url)}: too many redirects") from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError):
            raise ToscaError(f"Cannot download {shown_url(url)}: it or a redirect is no valid URL") from None
        except httpx.HTTPError as error:
            raise _failed(url, error) from None

    def _read(self, url: str, limit: int) -> bytes:
        with self._client.stream("GET", url) as response:
            if not response.is_success:
                raise _refused(response.status_code)
            found = bytearray()
            for chunk in response.iter_bytes(64 * 1024):
                found += chunk
                if len(found) > limit:
                    raise ToscaError(f"it is larger than {limit} bytes")
            return bytes(found)

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        """Let the work be interrupted when the time is over, also while a server sends byte after byte."""
        begun = time.monotonic()
        before = signal.signal(signal.SIGALRM, self._interrupt)
        timer = signal.setitimer(signal.ITIMER_REAL, max(self._left, 0.001))
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
            signal.setitimer(signal.ITIMER_REAL, *timer)
            self._left -= time.monotonic() - begun

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        raise PassingError(f"downloads took longer than {self._limits.download_seconds:g} s")


def _refused(status: int) -> ToscaError:
    """The failure that an HTTP status stands for."""
    passing = status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    words = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""
    message = f"the server answered {status} {words}".rstrip()
    return PassingError(message) if passing else ToscaError(message)


def _failed(url: str, error: httpx.HTTPError) -> ToscaError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            reason = cause.verify_message or "it is not trusted"
            return ToscaError(f"Cannot download {shown_url(url)}: the server's certificate: {reason}")
        cause = cause.__cause__ or cause.__context__
    reason = "the server took too long" if isinstance(error, httpx.TimeoutException) else "no connection"
    if not isinstance(error, httpx.ConnectError | httpx.TimeoutException):
        reason = "the connection broke off"
    return PassingError(f"Cannot download {shown_url(url)}: {reason}")

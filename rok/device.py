"""Logging in at an OpenID Connect issuer from a terminal: the device flow of RFC 8628."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from rok.errors import ExitCode, RokError
from rok.logins import Login

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
TIMEOUT = 20.0
SLOWER = 5.0
"""Seconds to add between two questions when the issuer asks for it."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")

Document = dict[str, Any]


def log_in(issuer: str, client_id: str, scope: str, show: Callable[[str, str], None]) -> Login:
    """Log in while the user confirms in a browser, on whatever device.

    Args:
        issuer: URL of the issuer.
        client_id: what `rok` is called there; a public client with the device flow.
        scope: what is asked for.
        show: tells the user an address, and the code to type there.

    Raises:
        RokError: the issuer cannot be used, or the user declines, or takes too long.
    """
    endpoints = _discover(issuer)
    if "device_authorization_endpoint" not in endpoints:
        raise _failure(issuer, "It does not offer the device flow")
    form = {"client_id": client_id, "scope": scope}
    begun = _post(issuer, endpoints["device_authorization_endpoint"], form)
    if "device_code" not in begun or "verification_uri" not in begun:
        raise _failure(issuer, _words(begun))
    address = begun.get("verification_uri_complete") or begun["verification_uri"]
    show(str(address), str(begun.get("user_code", "")))
    answer = _await(issuer, endpoints["token_endpoint"], client_id, begun)
    return replace(_login(issuer, answer), client_id=client_id)


def renew(login: Login) -> Login:
    """The login with a fresh token.

    Raises:
        RokError: the issuer cannot be reached, or does not renew it any more.
    """
    form = {"grant_type": "refresh_token", "refresh_token": login.refresh_token, "client_id": login.client_id}
    answer = _post(login.issuer, _discover(login.issuer)["token_endpoint"], form)
    if "error" in answer:
        raise RokError(
            "The login has ended",
            code=ExitCode.REFUSED,
            why=f"{login.issuer}: {_words(answer)}",
            fix=f"Log in again: rok login --issuer {login.issuer} --client-id {login.client_id}",
        )
    fresh = _login(login.issuer, answer)
    kept = fresh.refresh_token or login.refresh_token
    return replace(fresh, client_id=login.client_id, refresh_token=kept)


def _await(issuer: str, endpoint: str, client_id: str, begun: Mapping[str, Any]) -> Document:
    """The issuer's answer once the user has confirmed."""
    form = {"grant_type": GRANT, "device_code": str(begun["device_code"]), "client_id": client_id}
    pause = float(begun.get("interval", 5))
    deadline = time.monotonic() + float(begun.get("expires_in", 600))
    while time.monotonic() < deadline:
        time.sleep(pause)
        answer = _post(issuer, endpoint, form)
        error = answer.get("error")
        if error is None:
            return answer
        if error == "slow_down":
            pause += SLOWER
        elif error != "authorization_pending":
            raise _failure(issuer, _words(answer))
    raise _failure(issuer, "Nobody confirmed in time")


def _login(issuer: str, answer: Mapping[str, Any]) -> Login:
    """What is kept of an answer. The ID token says who somebody is and for whom that is said."""
    token = answer.get("id_token") or answer.get("access_token")
    if not isinstance(token, str):
        raise _failure(issuer, "Its answer holds no token")
    expires = _expiry(token) or time.time() + float(answer.get("expires_in", 0))
    return Login(token, expires, str(answer.get("refresh_token") or ""), issuer)


def _expiry(token: str) -> float:
    """The end that a JSON Web Token names itself; 0 where it is none. The API is who verifies it."""
    try:
        body = token.split(".")[1]
        return float(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["exp"])
    except (IndexError, KeyError, ValueError, TypeError):
        return 0.0


def _discover(issuer: str) -> Document:
    found = _open(issuer, Request(f"{issuer.rstrip('/')}/.well-known/openid-configuration"))
    if found.get("issuer") != issuer or "token_endpoint" not in found:
        raise _failure(issuer, f"Its configuration is that of another issuer: {found.get('issuer')}")
    return found


def _post(issuer: str, url: str, form: Mapping[str, str]) -> Document:
    return _open(issuer, Request(url, data=urlencode(form).encode(), method="POST"))


class _NoRedirect(HTTPRedirectHandler):
    """What was meant for the issuer goes to nobody else."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _open(issuer: str, request: Request) -> Document:
    """The issuer's answer, also to a request that it refuses: the reason is in it."""
    parts = urlsplit(request.full_url)
    local = parts.hostname in _LOOPBACK
    if parts.scheme != "https" and not local:
        raise _failure(issuer, f"{parts.scheme}://{parts.netloc} is not encrypted")
    opener = build_opener(_NoRedirect(), *([ProxyHandler({})] if local else []))
    request.add_header("Accept", "application/json")
    try:
        with opener.open(request, timeout=TIMEOUT) as response:
            content = response.read()
    except HTTPError as error:
        with error:
            content = error.read()
    except (OSError, ValueError) as error:
        raise _failure(issuer, str(getattr(error, "reason", error))) from None
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise _failure(issuer, "What answers there is no OpenID Connect issuer")
    return document


def _words(answer: Mapping[str, Any]) -> str:
    return str(answer.get("error_description") or answer.get("error") or "It gives no reason")


def _failure(issuer: str, why: str) -> RokError:
    return RokError(
        f"Cannot log in at {issuer}",
        code=ExitCode.REFUSED,
        why=why,
        fix="Check --issuer and --client-id; whoever administers Krake knows both",
    )

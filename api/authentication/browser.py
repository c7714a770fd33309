"""How a browser's page, which can send no token, asks the codec routes in the name of a user.

Whoever has a token asks for a ticket, and opens the link with it in a browser. The browser gets a cookie for
the codec routes alone, in which the same token is sealed. So nothing is remembered here, all servers with the
same keys take the cookie, and it ends with the token.
"""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Collection
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers
from starlette.types import Scope

from api.authentication.refusals import refusal
from krake.secrets import Cipher, SecretError
from krake.settings import CODEC_PATH

COOKIE = "krake-codec"
TICKET_SECONDS = 60
COOKIE_SECONDS = 8 * 3600
LONGEST = 4000
"""Characters of a cookie that browsers are sure to keep."""
_USED = 10_000
"""Tickets of the last minute that are remembered as used."""


class BrowserLogins:
    """Gives out tickets, exchanges each for a cookie once, and reads cookies.

    Args:
        cipher: seals both; None where payloads are not encrypted, so that there is nothing to log in for.
        origins: the pages from which a cookie counts.
    """

    def __init__(self, cipher: Cipher | None, origins: Collection[str]) -> None:
        self._cipher = cipher
        self._origins = frozenset(origins)
        self._used: OrderedDict[str, float] = OrderedDict()

    @property
    def needed(self) -> bool:
        """Whether there is anything that a login shows."""
        return self._cipher is not None

    def ticket(self, token: str) -> str:
        """A ticket for whoever has this token; empty where browsers could not keep the cookie."""
        ticket = self._seal("ticket", token, TICKET_SECONDS)
        return ticket if len(ticket) <= LONGEST else ""

    def redeem(self, ticket: str) -> str:
        """The cookie's value for a ticket, which counts once.

        Raises:
            ProblemError: 401, it was used here before, is too old, or is none.
        """
        token = self._open("ticket", ticket)
        if token is None or ticket in self._used:
            raise refusal("The link was used before, or is older than a minute; ask for a new one")
        self._used[ticket] = time.time()
        while len(self._used) > _USED or time.time() - next(iter(self._used.values())) > TICKET_SECONDS:
            self._used.popitem(last=False)
        return self._seal("cookie", token, COOKIE_SECONDS)

    def token_of(self, scope: Scope) -> str:
        """The token that a browser's request stands for; empty where it has no such cookie.

        Only a page of the Temporal UI is believed: browsers send the cookie for every page of the same site,
        and say of each which it is.
        """
        if scope["method"] != "POST" or not scope["path"].startswith(f"{CODEC_PATH}/"):
            return ""
        headers = Headers(scope=scope)
        sealed = _cookie(headers.getlist("Cookie"))
        if not sealed or headers.get("Origin") not in self._origins:
            return ""
        return self._open("cookie", sealed) or ""

    def _seal(self, purpose: str, token: str, seconds: int) -> str:
        assert self._cipher is not None
        content = json.dumps([token, time.time() + seconds]).encode()
        return urlsafe_b64encode(self._cipher.encrypt(content, f"codec/{purpose}")).decode().rstrip("=")

    def _open(self, purpose: str, sealed: str) -> str | None:
        """The token inside; None where it is too old, for another purpose, or not from here."""
        if self._cipher is None or len(sealed) > 2 * LONGEST:
            return None
        try:
            content = urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
            token, until = json.loads(self._cipher.decrypt(content, f"codec/{purpose}"))
        except (ValueError, SecretError):
            return None
        return str(token) if time.time() < until else None


def _cookie(headers: list[str]) -> str:
    try:
        found = SimpleCookie("; ".join(headers)).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""

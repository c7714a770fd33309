"""The keys of an OpenID Connect issuer: found by discovery, kept, and fetched again when they change."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import httpx
import jwt
import structlog

from api.authentication.outbound import require_safe
from api.authentication.refusals import undecided
from krake.errors import KrakeError

FRESH = 3600.0
"""Seconds after which the keys are fetched again, so that one that was withdrawn is forgotten."""
USABLE = 24 * 3600.0
"""Seconds that keys are used while the issuer does not answer."""
SEARCH_PAUSE = 10.0
"""Seconds between two searches for unknown keys: tokens with invented ones must not flood the issuer."""
FAILURE_PAUSE = 2.0
"""Seconds before an issuer that did not answer is asked again."""

_SIGNING_TYPES = ("RSA", "EC", "OKP")

_log = structlog.get_logger("api.authentication")


class UnknownKeyError(Exception):
    """The issuer has no such key."""


class _UselessAnswerError(Exception):
    """The issuer answers something else than what the standard says."""


class Issuer:
    """One issuer. `name` is its URL exactly as its tokens give it."""

    def __init__(self, name: str, http: httpx.AsyncClient) -> None:
        self.name = name
        self._http = http
        self._keys: list[dict[str, Any]] = []
        self._fetched = self._searched = self._failed = float("-inf")
        self._fetching = asyncio.Lock()

    async def key(self, kid: object, algorithm: str) -> jwt.PyJWK:
        """The issuer's key of this id for this algorithm; without an id the only one that fits.

        Raises:
            UnknownKeyError: it has none, or several.
            ProblemError: 503, its keys are not known and it does not answer.
            jwt.PyJWTError: the key does not go with the algorithm.
        """
        if time.monotonic() - self._fetched > FRESH:
            await self._refresh()
        found = _fitting(self._keys, kid, algorithm)
        if not found:
            await self._search()
            found = _fitting(self._keys, kid, algorithm)
        if len(found) != 1:
            raise UnknownKeyError
        return jwt.PyJWK(found[0], algorithm)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _refresh(self) -> None:
        """Fetch the keys because those that are there are old."""
        async with self._fetching:
            if time.monotonic() - self._fetched > FRESH:
                await self._fetch()

    async def _search(self) -> None:
        """Fetch the keys because one is not among those that are there."""
        asked = time.monotonic()
        async with self._fetching:
            # Whoever waited for the lock uses what the one before fetched.
            if self._fetched > asked or asked - self._searched < SEARCH_PAUSE:
                return
            self._searched = asked
            await self._fetch()

    async def _fetch(self) -> None:
        """Fetch the keys; while the issuer is away, those that are there have to do for a time."""
        if time.monotonic() - self._failed > FAILURE_PAUSE:
            try:
                self._keys = await self._discover()
                self._fetched = time.monotonic()
                return
            except (httpx.HTTPError, _UselessAnswerError, KrakeError, ValueError) as error:
                self._failed = time.monotonic()
                # The words of other errors may hold parts of the answer.
                why = str(error) if isinstance(error, _UselessAnswerError) else type(error).__name__
                _log.warning("the issuer's keys cannot be fetched", issuer=self.name, error=why)
        if time.monotonic() - self._fetched > USABLE:
            raise undecided(f"The OpenID Connect issuer {self.name}")

    async def _discover(self) -> list[dict[str, Any]]:
        configuration = await self._get(f"{self.name.rstrip('/')}/.well-known/openid-configuration")
        if configuration.get("issuer") != self.name:
            raise _UselessAnswerError("its configuration is that of another issuer")
        address = configuration.get("jwks_uri")
        if not isinstance(address, str):
            raise _UselessAnswerError("its configuration names no jwks_uri")
        require_safe("jwks_uri", address)
        keys = (await self._get(address)).get("keys")
        if not isinstance(keys, list):
            raise _UselessAnswerError("there are no keys at its jwks_uri")
        return [key for key in keys if isinstance(key, dict) and _is_public_signing_key(key)]

    async def _get(self, url: str) -> dict[str, Any]:
        answer = await self._http.get(url)
        if answer.status_code != HTTPStatus.OK:
            raise _UselessAnswerError(f"it answers with HTTP {answer.status_code}")
        document = answer.json()
        if not isinstance(document, dict):
            raise _UselessAnswerError("it does not answer with an object")
        return document


def _is_public_signing_key(key: dict[str, Any]) -> bool:
    return key.get("kty") in _SIGNING_TYPES and key.get("use", "sig") == "sig" and "d" not in key


def _fitting(keys: Sequence[dict[str, Any]], kid: object, algorithm: str) -> list[dict[str, Any]]:
    """The keys that a token with this header can be signed with."""
    of_algorithm = [key for key in keys if key.get("alg", algorithm) == algorithm]
    if kid is not None:
        return [key for key in of_algorithm if key.get("kid") == kid]
    kind = "RSA" if algorithm[0] in "RP" else "EC" if algorithm.startswith("ES") else "OKP"
    return [key for key in of_algorithm if key["kty"] == kind]

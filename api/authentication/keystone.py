"""Authentication by tokens of OpenStack's Keystone."""

from __future__ import annotations

import time
from collections import OrderedDict
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus

import httpx
import structlog
from pydantic import BaseModel, Field, ValidationError

from api.authentication.claims import is_foreign
from api.authentication.credentials import KEYSTONE_HEADER, Credentials
from api.authentication.outbound import client_for, require_safe
from api.authentication.refusals import refusal, undecided
from api.authentication.user import User, authenticated
from api.problems import ProblemError, Title
from krake.errors import KrakeError
from krake.settings import Settings

SUBJECT_HEADER = "X-Subject-Token"
REMEMBERED = 10_000
"""Tokens of which the answer is remembered."""
LONGEST_TOKEN = 8192

_log = structlog.get_logger("api.authentication")


class _Domain(BaseModel):
    name: str


class _Named(BaseModel):
    name: str
    domain: _Domain


class _Role(BaseModel):
    name: str


class _Project(BaseModel):
    id: str


class _Token(BaseModel):
    """What matters of Keystone's answer."""

    user: _Named
    expires_at: datetime
    project: _Project | None = None
    roles: list[_Role] = Field(default_factory=list)


class _Answer(BaseModel):
    token: _Token


class Keystone:
    """Asks Keystone about every token that no other way knows, and remembers what it said for a moment.

    Args:
        url: of Keystone's API, with its version: `https://cloud.example.org:5000/v3`.
        domain: whose users are let in. A name alone does not tell users of different domains apart.
        remember: seconds that an answer is used again; a token that is revoked is good for that long.
        http: the client.
    """

    def __init__(self, url: str, domain: str, remember: float, http: httpx.AsyncClient) -> None:
        self._url = f"{url.rstrip('/')}/auth/tokens"
        self._domain = domain
        self._remember = remember
        self._http = http
        self._known: OrderedDict[bytes, tuple[float, _Token]] = OrderedDict()

    @classmethod
    def of(cls, settings: Settings) -> Keystone:
        """This way as the settings describe it.

        Raises:
            KrakeError: a setting is missing, or a certificate file cannot be used.
        """
        if not settings.keystone_url:
            raise KrakeError(
                "Keystone has no address",
                why="The setting authentication names keystone",
                fix="Set KRAKE_KEYSTONE_URL, such as https://cloud.example.org:5000/v3",
            )
        require_safe("KRAKE_KEYSTONE_URL", settings.keystone_url)
        return cls(
            settings.keystone_url,
            settings.keystone_domain,
            settings.keystone_cache_seconds,
            client_for(settings),
        )

    async def recognise(self, given: Credentials) -> User | None:
        """The user that Keystone names; its projects and roles there are groups here."""
        if not given.token:
            return None
        if len(given.token) > LONGEST_TOKEN or not given.token.isascii():
            raise _refusal("Keystone never gives out such a token")
        digest = sha256(given.token.encode()).digest()
        token = self._recall(digest)
        if token is None:
            token = await self._ask(given.token)
            self._keep(digest, token)
        return self._user(token)

    async def close(self) -> None:
        """Close the connections to Keystone."""
        await self._http.aclose()

    def _recall(self, digest: bytes) -> _Token | None:
        until, token = self._known.get(digest, (0.0, None))
        if token is None or time.monotonic() > until or token.expires_at <= datetime.now(UTC):
            self._known.pop(digest, None)
            return None
        return token

    def _keep(self, digest: bytes, token: _Token) -> None:
        if self._remember:
            self._known[digest] = (time.monotonic() + self._remember, token)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    async def _ask(self, token: str) -> _Token:
        """What Keystone says about the token, asked in the name of its own user."""
        try:
            answer = await self._http.get(self._url, headers={KEYSTONE_HEADER: token, SUBJECT_HEADER: token})
        except httpx.HTTPError as error:
            raise self._away(type(error).__name__) from None
        refused = (
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.UNAUTHORIZED,
            HTTPStatus.FORBIDDEN,
            HTTPStatus.NOT_FOUND,
        )
        if answer.status_code in refused:
            raise _refusal("Keystone does not know it, or it has expired")
        if answer.status_code != HTTPStatus.OK:
            raise self._away(f"HTTP {answer.status_code}")
        try:
            return _Answer.model_validate_json(answer.content).token
        except ValidationError:
            raise self._away("not the answer of a Keystone of version 3") from None

    def _away(self, why: str) -> ProblemError:
        _log.warning("Keystone cannot be asked", url=self._url, error=why)
        return undecided("Keystone")

    def _user(self, token: _Token) -> User:
        if token.user.domain.name != self._domain:
            raise _refusal(f"only users of the domain '{self._domain}' are let in")
        if not is_foreign(token.user.name):
            raise _refusal(f"an identity provider cannot give the name '{token.user.name[:64]}'")
        if token.project is None:
            return authenticated(token.user.name)
        project = f"keystone:{token.project.id}"
        return authenticated(token.user.name, (project, *(f"{project}:{role.name}" for role in token.roles)))


def _refusal(why: str) -> ProblemError:
    return refusal(f"The token is not accepted: {why}", Title.INVALID_KEYSTONE_TOKEN)

"""Asks the ways to authenticate that the settings choose, in order; the first that knows the kind decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import structlog
from starlette.types import Scope

from api.authentication.browser import BrowserLogins
from api.authentication.certificates import ClientCertificates
from api.authentication.credentials import credentials_of
from api.authentication.keystone import Keystone
from api.authentication.oidc import OpenIdConnect
from api.authentication.open_paths import is_open
from api.authentication.refusals import missing, refusal
from api.authentication.static_tokens import StaticTokens
from api.authentication.user import NOBODY, User, authenticated
from api.authentication.way import Way
from krake.errors import KrakeError
from krake.setting_groups.api import AuthenticationWay
from krake.settings import Settings
from krake.store.store import Store

_ORDER = (
    AuthenticationWay.TOKENS,
    AuthenticationWay.OIDC,
    AuthenticationWay.KEYSTONE,
    AuthenticationWay.CERTIFICATES,
)
"""Tokens by how special their form is: Keystone takes whatever nobody before it knew."""

_LOG_IN = "Who makes this request? Send a token as `Authorization: Bearer TOKEN`"

_log = structlog.get_logger("api.authentication")


class Authenticator:
    """Tells from a request who makes it.

    Args:
        ways: asked in this order.
        otherwise: who makes a request without a credential; None where that is refused.
        open_metrics: whether everybody may read the metrics.
        browsers: tells the token that the cookie of a browser stands for.
    """

    def __init__(
        self,
        ways: Sequence[Way],
        otherwise: User | None,
        *,
        open_metrics: bool = False,
        browsers: BrowserLogins | None = None,
    ) -> None:
        self._ways = tuple(ways)
        self._otherwise = otherwise
        self._open_metrics = open_metrics
        self._browsers = browsers

    async def __call__(self, scope: Scope) -> User:
        """Who makes the request.

        Raises:
            ProblemError: 401, it has no credential, or one that is not valid; 503, nobody can tell now.
        """
        if is_open(scope["method"], scope["path"], metrics=self._open_metrics):
            return NOBODY
        given = credentials_of(scope)
        if self._browsers and not given.token:
            given = replace(given, token=self._browsers.token_of(scope))
        for way in self._ways:
            user = await way.recognise(given)
            if user is not None:
                return user
        if given.token:
            raise refusal("The token is of no kind that this server knows")
        if self._otherwise is None:
            raise missing(_LOG_IN)
        return self._otherwise

    async def close(self) -> None:
        """Close the connections to those who vouch for users."""
        for way in self._ways:
            await way.close()


def authenticator(settings: Settings, store: Store, browsers: BrowserLogins | None = None) -> Authenticator:
    """The ways of authentication that the settings choose.

    Raises:
        KrakeError: two of them contradict each other, or one lacks a setting.
    """
    chosen = set(settings.authentication)
    ways = [_way(name, settings, store) for name in _ORDER if name in chosen]
    otherwise, open_metrics = _otherwise(settings), settings.api_metrics_open
    return Authenticator(ways, otherwise, open_metrics=open_metrics, browsers=browsers)


def _way(name: AuthenticationWay, settings: Settings, store: Store) -> Way:
    if name is AuthenticationWay.TOKENS:
        return StaticTokens(store.tokens)
    if name is AuthenticationWay.OIDC:
        return OpenIdConnect.of(settings)
    if name is AuthenticationWay.KEYSTONE:
        return Keystone.of(settings)
    return ClientCertificates()


def _otherwise(settings: Settings) -> User | None:
    """Who makes a request without a credential."""
    chosen = set(settings.authentication)
    if {AuthenticationWay.STATIC, AuthenticationWay.ANONYMOUS} <= chosen:
        raise KrakeError(
            "Requests without a credential cannot be made by two users",
            why="The setting authentication names both static and anonymous",
            fix="Take one of them out of KRAKE_AUTHENTICATION",
        )
    if AuthenticationWay.STATIC in chosen:
        _log.warning("requests without a credential are let in", user=settings.static_user)
        return authenticated(settings.static_user, settings.static_groups)
    if AuthenticationWay.ANONYMOUS in chosen:
        _log.warning("requests without a credential are let in", user=NOBODY.name)
        return NOBODY
    return None

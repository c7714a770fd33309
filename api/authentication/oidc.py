"""Authentication by JSON Web Tokens of an OpenID Connect issuer, such as Keycloak."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jwt

from api.authentication.claims import Claims
from api.authentication.credentials import Credentials
from api.authentication.issuer import Issuer, UnknownKeyError
from api.authentication.outbound import client_for, require_safe
from api.authentication.refusals import refusal
from api.authentication.user import User
from api.problems import ProblemError, Title
from krake.errors import KrakeError
from krake.settings import Settings

LEEWAY = 10.0
"""Seconds that the issuer's clock may differ."""
REQUIRED = ("iss", "aud", "exp")


class OpenIdConnect:
    """Judges every JSON Web Token that names an issuer.

    Args:
        issuer: whose tokens are accepted.
        audiences: for whom a token has to be; one of them is enough.
        algorithms: the signatures that are accepted; asymmetric ones only.
        claims: which of a token's claims make the user.
    """

    def __init__(
        self, issuer: Issuer, audiences: Sequence[str], algorithms: Sequence[str], claims: Claims
    ) -> None:
        self._issuer = issuer
        self._audiences = tuple(audiences)
        self._algorithms = frozenset(algorithms)
        self._claims = claims
        self._jwt = jwt.PyJWT({"enforce_minimum_key_length": True})

    @classmethod
    def of(cls, settings: Settings) -> OpenIdConnect:
        """This way as the settings describe it.

        Raises:
            KrakeError: a setting is missing, or a certificate file cannot be used.
        """
        if not settings.oidc_issuer or not settings.oidc_audiences:
            raise KrakeError(
                "OpenID Connect needs an issuer and an audience",
                why="The setting authentication names oidc",
                fix="Set KRAKE_OIDC_ISSUER, and KRAKE_OIDC_AUDIENCES to the client ids that log in to Krake",
            )
        require_safe("KRAKE_OIDC_ISSUER", settings.oidc_issuer)
        issuer = Issuer(settings.oidc_issuer, client_for(settings))
        return cls(issuer, settings.oidc_audiences, settings.oidc_algorithms, Claims.of(settings))

    async def recognise(self, given: Credentials) -> User | None:
        """The user that the token's claims name."""
        header = _header(given.token)
        if header is None:
            return None
        algorithm = header.get("alg")
        if algorithm not in self._algorithms:
            raise _refusal("it is signed with an algorithm that is not accepted")
        try:
            key = await self._issuer.key(header.get("kid"), str(algorithm))
            claims = self._decode(given.token, key)
        except UnknownKeyError:
            raise _refusal("it is signed with a key that is not the issuer's") from None
        except jwt.PyJWTError as error:
            raise _refusal(_words(error)) from None
        return self._claims.user(claims)

    async def close(self) -> None:
        """Close the connections to the issuer."""
        await self._issuer.close()

    def _decode(self, token: str, key: jwt.PyJWK) -> dict[str, Any]:
        return self._jwt.decode(
            token,
            key,
            algorithms=[key.algorithm_name],
            audience=self._audiences,
            issuer=self._issuer.name,
            leeway=LEEWAY,
            options={"require": list(REQUIRED)},
        )


def _header(token: str) -> dict[str, Any] | None:
    """The header of a JSON Web Token that names an issuer; None for any other text.

    Keystone's tokens may be JSON Web Tokens as well; those name no issuer.
    """
    if token.count(".") != 2:
        return None
    try:
        read = jwt.decode_complete(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        return None
    header: dict[str, Any] = read["header"]
    return header if "iss" in read["payload"] else None


def _words(error: jwt.PyJWTError) -> str:
    """What is wrong with a token. The library's own words may repeat parts of it."""
    known: tuple[tuple[type[jwt.PyJWTError], str], ...] = (
        (jwt.ExpiredSignatureError, "it has expired; log in again"),
        (jwt.ImmatureSignatureError, "it is not valid yet; compare the clocks"),
        (jwt.InvalidIssuerError, "it is of another issuer"),
        (jwt.InvalidAudienceError, "it is meant for another audience"),
        (jwt.MissingRequiredClaimError, f"it lacks one of the claims {', '.join(REQUIRED)}"),
        (jwt.InvalidSignatureError, "its signature is wrong"),
        (jwt.InvalidKeyError, "it is signed with a key that cannot be used with its algorithm"),
    )
    return next((words for kind, words in known if isinstance(error, kind)), "it is malformed")


def _refusal(why: str) -> ProblemError:
    return refusal(f"The token is not accepted: {why}", Title.INVALID_KEYCLOAK_TOKEN)

"""Which claims of an identity provider's token make the user and its groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.authentication.refusals import refusal
from api.authentication.user import User, authenticated
from api.problems import ProblemError, Title
from krake.errors import KrakeError
from krake.identities import SYSTEM, check_name
from krake.settings import Settings


@dataclass(frozen=True, slots=True)
class Claims:
    """Names of claims; a dot leads into an object, as in Keycloak's `realm_access.roles`."""

    username: str
    groups: str
    username_prefix: str = ""
    groups_prefix: str = ""

    @classmethod
    def of(cls, settings: Settings) -> Claims:
        """The claims that the settings name."""
        return cls(
            username=settings.oidc_username_claim,
            groups=settings.oidc_groups_claim,
            username_prefix=settings.oidc_username_prefix,
            groups_prefix=settings.oidc_groups_prefix,
        )

    def user(self, claims: Mapping[str, Any]) -> User:
        """The user of a token whose signature has been verified.

        Raises:
            ProblemError: 401, there is no name in it, or one that an identity provider cannot give.
        """
        name = _find(claims, self.username)
        if not isinstance(name, str) or not name:
            raise _refusal(f"it has no claim '{self.username}' with the user's name")
        if self.username == "email" and claims.get("email_verified") is not True:
            raise _refusal("its issuer has not verified the e-mail address")
        name = self.username_prefix + name
        if not is_foreign(name):
            raise _refusal(f"an identity provider cannot give the name '{name[:64]}'")
        return authenticated(name, self._groups(claims))

    def _groups(self, claims: Mapping[str, Any]) -> tuple[str, ...]:
        """The groups; those that an identity provider cannot give are left out."""
        found = _find(claims, self.groups) if self.groups else None
        names = [found] if isinstance(found, str) else found if isinstance(found, list) else []
        groups = [self.groups_prefix + name for name in names if isinstance(name, str)]
        return tuple(group for group in groups if is_foreign(group))


def is_foreign(name: str) -> bool:
    """Whether an identity provider can give this name: those of Krake itself it cannot."""
    try:
        check_name("user or group", name)
    except KrakeError:
        return False
    return not name.startswith(SYSTEM)


def _find(claims: Mapping[str, Any], path: str) -> Any:
    """The claim of this name; claims whose names contain dots, such as URLs, come first."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _refusal(why: str) -> ProblemError:
    return refusal(f"The token is not accepted: {why}", Title.INVALID_KEYCLOAK_TOKEN)

"""Who makes a request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from krake.settings import Settings

ANONYMOUS = "system:anonymous"


@dataclass(frozen=True, slots=True)
class User:
    """Who makes a request, and the groups that they belong to."""

    name: str
    groups: tuple[str, ...] = ()


Authenticator = Callable[[Mapping[str, str]], Awaitable[User]]
"""Tells from a request's headers who makes it."""


def authenticator(settings: Settings) -> Authenticator:
    """The way of authentication that the settings choose."""
    return _always(settings.static_user if settings.authentication == "static" else ANONYMOUS)


def _always(name: str) -> Authenticator:
    user = User(name)

    async def authenticate(headers: Mapping[str, str]) -> User:
        return user

    return authenticate

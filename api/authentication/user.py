"""Who makes a request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from krake.identities import ANONYMOUS, AUTHENTICATED, UNAUTHENTICATED, groups_by_name


@dataclass(frozen=True, slots=True)
class User:
    """Who makes a request, and the groups that it is in."""

    name: str
    groups: tuple[str, ...] = ()


NOBODY = User(ANONYMOUS, (UNAUTHENTICATED,))
"""Who makes a request without a credential."""


def authenticated(name: str, groups: Iterable[str] = ()) -> User:
    """A user whose credential was accepted, in the groups given and in those that follow from that."""
    return User(name, tuple(dict.fromkeys((*groups, *groups_by_name(name), AUTHENTICATED))))

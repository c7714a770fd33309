"""Who makes a request: several ways to prove it, asked one after the other."""

from __future__ import annotations

from api.authentication.authenticator import Authenticator, authenticator
from api.authentication.open_paths import is_open
from api.authentication.user import User
from krake.identities import (
    ANONYMOUS,
    AUTHENTICATED,
    MASTERS,
    SERVICE_ACCOUNTS,
    UNAUTHENTICATED,
)

__all__ = [
    "ANONYMOUS",
    "AUTHENTICATED",
    "MASTERS",
    "SERVICE_ACCOUNTS",
    "UNAUTHENTICATED",
    "Authenticator",
    "User",
    "authenticator",
    "is_open",
]

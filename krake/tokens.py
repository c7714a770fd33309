"""Static tokens: random secrets that stand for a user. Only their digests are kept."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from krake.identities import check_name

PREFIX = "krake_"
"""How every token begins, so that searches for leaked secrets find it."""
RANDOM_BYTES = 32
SHOWN = 4
"""Characters of the end that are kept in the clear, to tell tokens apart."""

_SECRET = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token. The fields are in the order of the table's columns."""

    name: str
    digest: str
    """SHA-256 of the secret, hexadecimal: 256 random bits need no slow hash."""
    username: str
    member_of: tuple[str, ...]
    created: datetime
    expires: datetime | None
    """None for never."""
    last_part: str

    def expired(self, now: datetime | None = None) -> bool:
        """Whether its time is over."""
        return self.expires is not None and self.expires <= (now or datetime.now(UTC))

    def fits(self, secret: str) -> bool:
        """Whether this is the secret's token; takes the same time whatever the secret is."""
        return hmac.compare_digest(self.digest, digest_of(secret))


def issue(
    name: str, username: str, groups: Iterable[str] = (), lifetime: timedelta | None = None
) -> tuple[str, Token]:
    """A new secret, and the token that stands for it.

    Args:
        name: tells the token from others, to list and revoke it.
        username: who shows it.
        groups: the groups of that user.
        lifetime: how long it is good for; for ever where it is None.

    Raises:
        KrakeError: a name cannot be one.
    """
    groups = tuple(dict.fromkeys(groups))
    for what, text in (("token", name), ("user", username), *(("group", group) for group in groups)):
        check_name(what, text)
    secret = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    now = datetime.now(UTC)
    expires = now + lifetime if lifetime is not None else None
    return secret, Token(name, digest_of(secret), username, groups, now, expires, secret[-SHOWN:])


def digest_of(secret: str) -> str:
    """What is kept of a secret, and what it is found by."""
    return sha256(secret.encode()).hexdigest()


def looks_like_token(text: str) -> bool:
    """Whether the text claims to be a token of this kind."""
    return text.startswith(PREFIX)


def is_well_formed(text: str) -> bool:
    """Whether the text can be a token at all."""
    return _SECRET.fullmatch(text) is not None

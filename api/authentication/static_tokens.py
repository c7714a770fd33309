"""Authentication by tokens that `krake token create` gave out."""

from __future__ import annotations

from api.authentication.credentials import Credentials
from api.authentication.refusals import refusal
from api.authentication.user import User, authenticated
from krake.store.tokens import Tokens
from krake.tokens import digest_of, is_well_formed, looks_like_token

_UNKNOWN = "The token is not known: it was revoked, or never given out by this Krake"


class StaticTokens:
    """Looks every token up in the store, so that one that is revoked is refused at once everywhere."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    async def recognise(self, given: Credentials) -> User | None:
        """The user that the token stands for."""
        if not looks_like_token(given.token):
            return None
        if not is_well_formed(given.token):
            raise refusal(_UNKNOWN)
        token = await self._tokens.find(digest_of(given.token))
        if token is None or not token.fits(given.token):
            raise refusal(_UNKNOWN)
        if token.expired():
            raise refusal(f"The token '{token.name}' has expired; ask for a new one")
        return authenticated(token.username, token.member_of)

    async def close(self) -> None:
        """There is nothing to close."""

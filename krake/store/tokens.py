"""Keeping static tokens: their digests, never their secrets."""

from __future__ import annotations

from typing import Any

from krake.store.engine import Database
from krake.store.errors import AlreadyExists, NotFound
from krake.tokens import Token


class Tokens:
    """The tokens in a store's database. They have no cache: what is revoked is refused from then on."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._statements = database.statements.tokens

    async def find(self, digest: str) -> Token | None:
        """The token with this digest."""
        rows = await self._database.fetch(self._statements.by_digest, p_digest=digest)
        return _token(rows[0]) if rows else None

    async def find_by_name(self, name: str) -> Token | None:
        """The token of this name."""
        rows = await self._database.fetch(self._statements.by_name, p_name=name)
        return _token(rows[0]) if rows else None

    async def all(self) -> list[Token]:
        """All tokens by name, expired ones too."""
        return [_token(row) for row in await self._database.fetch(self._statements.all)]

    async def add(self, token: Token) -> None:
        """Keep a new token.

        Raises:
            AlreadyExists: another one has this name.
        """
        async with self._database.transaction() as session:
            values = {f"n_{name}": getattr(token, name) for name in Token.__dataclass_fields__}
            values["n_member_of"] = [*token.member_of]
            if not await session.fetch(self._statements.add, **values):
                raise AlreadyExists(
                    f"A token of the name '{token.name}' exists already",
                    fix=f"Choose another name, or revoke it first: krake token revoke {token.name}",
                )

    async def remove(self, name: str) -> None:
        """Forget a token; whoever shows it is refused from now on.

        Raises:
            NotFound: there is none of this name.
        """
        async with self._database.transaction() as session:
            if not await session.fetch(self._statements.remove, p_name=name):
                raise NotFound(
                    f"There is no token of the name '{name}'", fix="`krake token list` shows all of them"
                )


def _token(row: list[Any]) -> Token:
    name, digest, username, member_of, created, expires, last_part = row
    return Token(name, digest, username, tuple(member_of), created, expires, last_part)

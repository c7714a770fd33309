"""Tokens in the store, on both databases: by digest, by name, and never by their secrets."""

from __future__ import annotations

from datetime import timedelta

import pytest

from krake.store import AlreadyExists, NotFound, Store
from krake.tokens import digest_of, issue


async def test_tokens_are_kept_found_and_removed(store: Store) -> None:
    secret, token = issue("alice", "alice", ["developers", "testers", "developers"], timedelta(hours=1))
    _, other = issue("ci", "robot")
    await store.tokens.add(other)
    await store.tokens.add(token)
    assert await store.tokens.all() == [token, other]
    assert await store.tokens.find(digest_of(secret)) == token
    assert await store.tokens.find_by_name("ci") == other
    assert token.member_of == ("developers", "testers")
    assert (token.last_part, len(secret)) == (secret[-4:], 49)
    assert token.fits(secret) and not token.fits(secret + "A")
    assert secret not in repr(token)
    with pytest.raises(AlreadyExists, match="krake token revoke alice"):
        await store.tokens.add(issue("alice", "mallory")[1])
    await store.tokens.remove("alice")
    assert await store.tokens.find(digest_of(secret)) is None
    with pytest.raises(NotFound, match="krake token list"):
        await store.tokens.remove("alice")

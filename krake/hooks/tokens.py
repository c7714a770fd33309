"""The tokens with which an application's copies prove who they are: one for each hook and cluster.

They are kept encrypted beside the application, because they are needed again whenever it is applied, and
never leave through the API. Each is good for one call that has an effect.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, replace
from hmac import compare_digest
from typing import TYPE_CHECKING

import orjson

from krake.models.hooks import HookName

if TYPE_CHECKING:
    from collections.abc import Mapping

    from krake.store.reads import Reads
    from krake.store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class HookToken:
    """The token of one copy of an application."""

    value: str
    spent: str = ""
    """What it was spent for; empty while it is good."""


async def read_tokens(store: Reads, uid: str, hook: HookName) -> dict[str, HookToken]:
    """The tokens of an application's hook by the uid of the cluster whose copy has it."""
    stored = await store.secret(uid, _place(hook))
    documents = orjson.loads(stored) if stored else {}
    return {cluster: HookToken(**document) for cluster, document in documents.items()}


async def ensure_token(transaction: Transaction, uid: str, hook: HookName, cluster_uid: str) -> str:
    """The token for the copy on a cluster: the one it has, or a new one where that is missing or spent."""
    tokens = await read_tokens(transaction, uid, hook)
    token = tokens.get(cluster_uid)
    if token is None or token.spent:
        token = HookToken(secrets.token_urlsafe())
        await _write(transaction, uid, hook, {**tokens, cluster_uid: token})
    return token.value


async def spend_token(
    transaction: Transaction, uid: str, hook: HookName, cluster_uid: str, reason: str
) -> None:
    """Make the token of a copy useless from now on."""
    tokens = await read_tokens(transaction, uid, hook)
    if cluster_uid in tokens:
        spent = replace(tokens[cluster_uid], spent=reason)
        await _write(transaction, uid, hook, {**tokens, cluster_uid: spent})


def cluster_of(tokens: Mapping[str, HookToken], given: str) -> str | None:
    """The uid of the cluster whose copy has the given token; takes as long for every wrong one."""
    found = None
    for cluster, token in tokens.items():
        if compare_digest(token.value.encode(), given.encode()):
            found = cluster
    return found


async def _write(transaction: Transaction, uid: str, hook: HookName, tokens: Mapping[str, HookToken]) -> None:
    content = {cluster: asdict(token) for cluster, token in tokens.items()}
    await transaction.put_secret(uid, _place(hook), orjson.dumps(content))


def _place(hook: HookName) -> str:
    return f"hook/{hook}-token"

"""Looking after all secrets at once: which keys they need, and encrypting them anew under the current one."""

from __future__ import annotations

from dataclasses import dataclass

from krake.secrets import Cipher
from krake.secrets.cipher import key_id_of
from krake.store.engine import Database
from krake.store.reads import secret_place

BATCH = 100
"""Secrets that one transaction encrypts anew; it holds the write lock for some milliseconds."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one step of encrypting anew did, and where the next one goes on."""

    seen: int
    changed: int
    after: tuple[str, str]


START = Batch(0, 0, ("", ""))
"""Where the first step begins."""


class Vault:
    """The secrets of a store. Every method may raise `Unavailable`."""

    def __init__(self, database: Database, cipher: Cipher) -> None:
        self._database = database
        self._cipher = cipher
        self._statements = database.statements.secrets

    @property
    def current(self) -> str:
        """The id of the key that new secrets are encrypted with."""
        return self._cipher.current

    async def counts(self) -> dict[str, int]:
        """How many secrets need each key, by its id."""
        rows = await self._database.fetch(self._statements.counts)
        return {bytes(key).hex(): int(number) for key, number in rows}

    async def renew(self, before: Batch = START, limit: int = BATCH) -> Batch:
        """Encrypt the secrets after those of the step before anew, where they are not under the current key.

        Each step is a transaction of its own: what is interrupted is taken up by beginning again, since what
        is done already is only looked at.

        Raises:
            SecretError: a secret needs a key that is not set.
        """
        changed = 0
        async with self._database.transaction() as session:
            uid, field = before.after
            rows = await session.fetch(
                self._statements.batch, after_uid=uid, after_field=field, p_limit=limit
            )
            for uid, field, stored in rows:
                value, place = bytes(stored), secret_place(uid, field)
                if key_id_of(value) == self._cipher.current:
                    continue
                renewed = self._cipher.encrypt(self._cipher.decrypt(value, place), place)
                await session.fetch(self._statements.replace, p_uid=uid, p_field=field, n_ciphertext=renewed)
                changed += 1
        return Batch(len(rows), changed, (uid, field))

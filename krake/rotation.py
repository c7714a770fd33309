"""Rotating the keys of the secrets while everything runs: a new key, encrypting anew, dropping the former."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from krake.operator import operator
from krake.secrets import SecretError
from krake.secrets.ring import Key, exclusively, read_keys, write_keys
from krake.settings import Settings
from krake.store.audit import command_entry
from krake.store.opening import open_store
from krake.store.store import Store
from krake.store.vault import BATCH, START
from krake.temporal import connect

NAMED_RUNS = 5
"""Runs that an error names before it only counts the rest."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class KeyUse:
    """One key and what needs it."""

    id: str
    made: datetime | None
    current: bool
    secrets: int
    known: bool = True
    """Whether the key is there; the secrets of one that is not cannot be read."""

    def document(self) -> dict[str, Any]:
        """The same for programs."""
        made = self.made.isoformat() if self.made else None
        return {"id": self.id, "made": made, "use": self.use, "secrets": self.secrets}

    @property
    def use(self) -> str:
        """What it is used for."""
        if not self.known:
            return "missing"
        return "current" if self.current else "former"


class Rotation:
    """The rotation of one installation's keys."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._path = None if settings.secret_keys else settings.key_file

    async def keys(self) -> list[KeyUse]:
        """All keys, newest first, and those that are missing.

        Raises:
            KrakeError: the keys or the store cannot be used.
        """
        async with open_store(self._settings) as store:
            return _uses(self._read(), await store.vault.counts())

    async def rotate(self, say: Say, batch: int = BATCH) -> None:
        """Make a new key, unless an interrupted rotation is to be ended, and encrypt everything anew.

        Raises:
            KrakeError: the keys or the store cannot be used.
        """
        async with open_store(self._settings) as store:
            behind = await _behind(store)
            if self._path is None:
                say(f"The keys come from the settings; the current one is {store.vault.current}")
            elif behind:
                say(f"Going on: {behind} secrets are not yet under the key {store.vault.current}")
            else:
                self._add_key(say)
            await _renew_all(store, say, batch)
            await store.audit.write([command_entry(operator(), "rotate", "SecretKey", store.vault.current)])

    async def drop(self, wanted: str, *, force: bool) -> None:
        """Forget a former key that nothing needs.

        Raises:
            SecretError: something needs it, it is the current one, or there is none with this id.
            KrakeError: the store, or Temporal, cannot be asked.
        """
        async with open_store(self._settings) as store:
            keys = self._read()
            use = next((one for one in _uses(keys, await store.vault.counts()) if one.id == wanted), None)
            _require_free(use, wanted)
            if not force:
                await self._require_no_runs(keys, wanted)
            if self._path is None:
                raise SecretError(
                    "The keys come from the settings, where only you can remove one",
                    why=f"Nothing stored needs {wanted} any more",
                    fix="Take it out of KRAKE_SECRET_KEYS and restart the API servers and workers",
                )
            with exclusively(self._path):
                write_keys(self._path, [key for key in read_keys(self._path) if key.id != wanted])
            await store.audit.write([command_entry(operator(), "delete", "SecretKey", wanted)])

    def _read(self) -> list[Key]:
        if self._path is None:
            return [Key(key.get_secret_value()) for key in self._settings.secret_keys]
        return read_keys(self._path)

    def _add_key(self, say: Say) -> None:
        assert self._path is not None
        with exclusively(self._path):
            key = Key.new()
            write_keys(self._path, [key, *read_keys(self._path)])
        say(f"New key {key.id} in {self._path}; keep a copy of the file in a safe place")

    async def _require_no_runs(self, keys: Sequence[Key], wanted: str) -> None:
        """Refuse while runs are open whose history was begun under the key."""
        ids = [key.id for key in keys]
        successor = keys[ids.index(wanted) - 1]
        if not self._settings.encrypts_payloads or successor.made is None:
            return
        client = await connect(self._settings)
        query = f"ExecutionStatus = 'Running' AND StartTime < '{successor.made.isoformat()}'"
        open_runs = [run.id async for run in client.list_workflows(query)]
        if open_runs:
            named = ", ".join(open_runs[:NAMED_RUNS])
            more = f" and {len(open_runs) - NAMED_RUNS} more" if len(open_runs) > NAMED_RUNS else ""
            raise SecretError(
                f"Workflows that run need the key {wanted}",
                why=f"They began before it was replaced: {named}{more}",
                fix="Drop it when they have ended; a key that is kept does no harm",
            )


async def _behind(store: Store) -> int:
    """How many secrets are under another key than the current one."""
    return sum(number for key, number in (await store.vault.counts()).items() if key != store.vault.current)


async def _renew_all(store: Store, say: Say, batch: int) -> None:
    """Encrypt anew until nothing is behind: another process may write under the former key meanwhile."""
    total, seen, changed = sum((await store.vault.counts()).values()), 0, 0
    step = START
    while True:
        step = await store.vault.renew(step, batch)
        seen, changed = seen + step.seen, changed + step.changed
        if step.seen:
            say(f"{seen} of {max(total, seen)} secrets looked at, {changed} encrypted anew")
        if step.seen < batch:
            if not await _behind(store):
                break
            step, seen = START, 0
    say(f"All {total} secrets are under the key {store.vault.current}")


def _uses(keys: Sequence[Key], counts: dict[str, int]) -> list[KeyUse]:
    known = [KeyUse(key.id, key.made, not index, counts.get(key.id, 0)) for index, key in enumerate(keys)]
    missing = counts.keys() - {use.id for use in known}
    return [*known, *(KeyUse(key, None, False, counts[key], False) for key in sorted(missing))]


def _require_free(use: KeyUse | None, wanted: str) -> None:
    if use is None or not use.known:
        raise SecretError(f"There is no key {wanted}", fix="`krake secrets keys` lists them")
    if use.current:
        raise SecretError(
            f"{wanted} is the current key", why="Everything is encrypted with it", fix="krake secrets rotate"
        )
    if use.secrets:
        raise SecretError(
            f"{use.secrets} stored secrets need the key {wanted}", fix="Run first: krake secrets rotate"
        )


def key_rows(uses: Sequence[KeyUse]) -> list[str]:
    """The table of keys, line by line."""
    lines = [f"{'key':<10}{'use':<10}{'made':<22}{'secrets':>8}"]
    for use in uses:
        made = f"{use.made:%Y-%m-%d %H:%M:%S}" if use.made else "unknown"
        lines.append(f"{use.id:<10}{use.use:<10}{made:<22}{use.secrets:>8}")
    return lines

"""Keys are replaced while processes run, interrupted rotations go on, and no needed key is dropped."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from krake.cli import run
from krake.keyfile import open_cipher
from krake.rotation import Rotation
from krake.secrets import SecretError, load_or_create_key, new_key
from krake.secrets.cipher import key_id_of
from krake.secrets.ring import FileCipher, Key, exclusively, read_keys, write_keys
from krake.settings import Settings
from krake.store import Store, Unavailable
from krake.store.opening import open_store
from krake.store.vault import START
from tests.support.databases import make_tables
from tests.support.store import add

SECRET = b"a-token-that-nobody-should-ever-see"
PLACE = "uid/kubeconfig"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(state_dir=tmp_path, temporal_encryption=False)
    make_tables(made.store_url)
    return made


@pytest.fixture
async def store(settings: Settings) -> AsyncIterator[Store]:
    """A store with seven secrets, as a running process has it open."""
    async with open_store(settings) as opened:
        for number in range(7):
            record = await add(opened, f"c{number}", kind="Cluster")
            async with opened.transaction() as transaction:
                await transaction.put_secret(record.uid, "kubeconfig", SECRET)
        yield opened


async def every_secret(store: Store) -> set[bytes | None]:
    records = await store.all_of("Cluster")
    return {await store.secret(record.uid, "kubeconfig") for record in records}


async def rotate(settings: Settings, batch: int = 3) -> list[str]:
    said: list[str] = []
    await Rotation(settings).rotate(said.append, batch)
    return said


async def test_a_rotation_while_a_process_runs(settings: Settings, store: Store) -> None:
    [old] = await Rotation(settings).keys()
    said = await rotate(settings)
    new, former = await Rotation(settings).keys()
    assert (new.use, new.secrets, former.use, former.secrets) == ("current", 7, "former", 0)
    assert former.id == old.id
    assert "3 of 7 secrets looked at, 3 encrypted anew" in said

    # The process that had the store open reads what is under the new key, and writes under it.
    assert await every_secret(store) == {SECRET}
    record = (await store.all_of("Cluster"))[0]
    async with store.transaction() as transaction:
        await transaction.put_secret(record.uid, "kubeconfig", b"another")
    assert await store.vault.counts() == {new.id: 7}

    await Rotation(settings).drop(former.id, force=False)
    assert [key.id for key in await Rotation(settings).keys()] == [new.id]
    assert await every_secret(store) == {SECRET, b"another"}
    recorded = await store.audit.read(limit=10, kind="SecretKey")
    assert [(entry.verb, entry.name, entry.source) for entry in recorded] == [
        ("delete", former.id, "command"),
        ("rotate", new.id, "command"),
    ]


async def test_an_interrupted_rotation_goes_on_without_another_key(settings: Settings, store: Store) -> None:
    class InterruptedByTestError(Exception):
        pass

    def stop(message: str) -> None:
        if "looked at" in message:
            raise InterruptedByTestError

    with pytest.raises(InterruptedByTestError):
        await Rotation(settings).rotate(stop, 3)
    new, former = await Rotation(settings).keys()
    assert (new.secrets, former.secrets) == (3, 4)
    assert await every_secret(store) == {SECRET}
    with pytest.raises(SecretError, match="4 stored secrets need the key"):
        await Rotation(settings).drop(former.id, force=True)

    said = await rotate(settings)
    assert said[0].startswith("Going on: 4 secrets")
    assert [key.secrets for key in await Rotation(settings).keys()] == [7, 0]


async def test_the_current_key_and_unknown_ones_stay(settings: Settings, store: Store) -> None:
    [only] = await Rotation(settings).keys()
    with pytest.raises(SecretError, match="is the current key"):
        await Rotation(settings).drop(only.id, force=True)
    with pytest.raises(SecretError, match="There is no key"):
        await Rotation(settings).drop("00000000", force=True)


async def test_a_missing_key_is_listed(settings: Settings, store: Store) -> None:
    path = settings.key_file
    [lost] = read_keys(path)
    write_keys(path, [Key.new()])
    uses = await Rotation(settings).keys()
    assert [(use.use, use.secrets) for use in uses] == [("current", 0), ("missing", 7)]
    assert uses[1].id == lost.id
    with pytest.raises(SecretError, match="with a key that is not set"):
        await rotate(settings)


async def test_keys_of_the_settings_are_only_encrypted_with(settings: Settings, store: Store) -> None:
    [old] = read_keys(settings.key_file)
    listed = settings.model_copy(
        update={"secret_keys": Settings(secret_keys=[new_key(), old.text]).secret_keys}
    )
    before = settings.key_file.read_bytes()
    said = await rotate(listed)
    assert "come from the settings" in said[0]
    assert [key.secrets for key in await Rotation(listed).keys()] == [7, 0]
    with pytest.raises(SecretError, match="where only you can remove one"):
        await Rotation(listed).drop(old.id, force=False)
    assert settings.key_file.read_bytes() == before


async def test_each_step_is_a_transaction(store: Store) -> None:
    first = await store.vault.renew(START, 3)
    assert (first.seen, first.changed) == (3, 0)
    rest = await store.vault.renew(first, 10)
    assert (rest.seen, rest.changed) == (4, 0)


async def test_the_command(settings: Settings, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    import asyncio

    with settings_of(settings):
        assert await asyncio.to_thread(run, ["secrets", "rotate"]) == 0
        assert "All 7 secrets are under the key" in capsys.readouterr().out
        assert await asyncio.to_thread(run, ["secrets", "keys", "-o", "json"]) == 0
        new, former = json.loads(capsys.readouterr().out)
        assert (new["use"], former["use"]) == ("current", "former")
        assert await asyncio.to_thread(run, ["secrets", "keys"]) == 0
        table = capsys.readouterr().out
        assert await asyncio.to_thread(run, ["secrets", "drop", new["id"]]) == 1
        assert "is the current key" in capsys.readouterr().err
    assert all(key.text not in table for key in read_keys(settings.key_file))


@contextmanager
def settings_of(settings: Settings) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as surroundings:
        surroundings.setenv("KRAKE_STATE_DIR", str(settings.state_dir))
        surroundings.setenv("KRAKE_TEMPORAL_ENCRYPTION", "false")
        yield


def test_a_cipher_follows_its_file(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    running, other = FileCipher(path), FileCipher(path)
    [old] = read_keys(path)
    write_keys(path, [Key.new(), old])
    token = other.encrypt(SECRET, PLACE)
    assert key_id_of(token) == other.current != old.id
    assert running.decrypt(token, PLACE) == SECRET
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "nonsense\n"])
def test_a_slip_in_the_file_stops_nothing(tmp_path: Path, content: str) -> None:
    path = tmp_path / "secret.key"
    running = FileCipher(path)
    path.write_text(content)
    assert running.decrypt(running.encrypt(SECRET, PLACE), PLACE) == SECRET
    path.unlink()
    assert running.decrypt(running.encrypt(SECRET, PLACE), PLACE) == SECRET
    assert not path.exists()


def test_the_file_tells_when_keys_were_made(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    load_or_create_key(path)
    key = Key.new()
    write_keys(path, [key, *read_keys(path)])
    first, second = read_keys(path)
    assert first.made is not None and (datetime.now(UTC) - first.made).total_seconds() < 60
    assert second.made is None
    assert first.text not in repr(first)


def test_two_rotations_at_once_wait_for_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("krake.secrets.ring.LOCK_SECONDS", 0.05)
    path = tmp_path / "secret.key"
    with exclusively(path), pytest.raises(SecretError, match="Another process"), exclusively(path):
        pytest.fail("both have the file")


def test_settings_open_the_same_keys(settings: Settings) -> None:
    token = open_cipher(settings).encrypt(SECRET, PLACE)
    assert open_cipher(settings).decrypt(token, PLACE) == SECRET


async def test_a_store_that_is_away_is_told_of(tmp_path: Path) -> None:
    away = Settings(state_dir=tmp_path, database_url="postgresql+asyncpg://k:hunter2@127.0.0.1:1/krake")
    with pytest.raises(Unavailable) as caught:
        await Rotation(away).keys()
    assert "hunter2" not in str(caught.value)

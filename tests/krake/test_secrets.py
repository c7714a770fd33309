"""Keys and encryption."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from krake.secrets import Cipher, SecretError, load_or_create_key, new_key

VALUE = b"token \x00\xff"


def test_a_value_decrypts_in_its_place_only() -> None:
    cipher = Cipher.from_keys([new_key()])
    token = cipher.encrypt(VALUE, "uid/kubeconfig")
    assert VALUE not in token
    assert cipher.decrypt(token, "uid/kubeconfig") == VALUE
    assert cipher.encrypt(VALUE, "uid/kubeconfig") != token
    with pytest.raises(SecretError, match="altered or belongs elsewhere"):
        cipher.decrypt(token, "other/kubeconfig")


def test_every_altered_byte_is_noticed() -> None:
    cipher = Cipher.from_keys([new_key()])
    token = cipher.encrypt(VALUE, "place")
    for position in range(len(token)):
        altered = bytearray(token)
        altered[position] ^= 1
        with pytest.raises(SecretError):
            cipher.decrypt(bytes(altered), "place")
    for length in range(len(token)):
        with pytest.raises(SecretError):
            cipher.decrypt(token[:length], "place")


def test_keys_are_rotated() -> None:
    old, new = new_key(), new_key()
    token = Cipher.from_keys([old]).encrypt(VALUE, "place")
    both = Cipher.from_keys([new, old])
    assert both.decrypt(token, "place") == VALUE
    again = both.encrypt(VALUE, "place")
    assert Cipher.from_keys([new]).decrypt(again, "place") == VALUE


def test_a_missing_key_is_named_by_its_id_and_no_key_is_shown() -> None:
    old, new = new_key(), new_key()
    token = Cipher.from_keys([old]).encrypt(VALUE, "place")
    with pytest.raises(SecretError, match="Add the former key") as caught:
        Cipher.from_keys([new]).decrypt(token, "place")
    assert token[1:5].hex() in caught.value.why
    assert old not in str(caught.value)
    assert new not in str(caught.value)


@pytest.mark.parametrize(
    "key",
    ["", "short", "!" * 44, new_key()[:-4], new_key() + "AAAA", "é" * 44],
    ids=["empty", "short", "no-base64", "cut", "too-long", "no-ascii"],
)
def test_malformed_keys_are_explained_without_showing_them(key: str) -> None:
    with pytest.raises(SecretError, match="32 bytes in URL-safe base64") as caught:
        Cipher.from_keys([key])
    assert len(key) < 6 or key not in str(caught.value)


def test_no_key_at_all() -> None:
    with pytest.raises(SecretError, match="No encryption key is set"):
        Cipher.from_keys([])


def test_a_key_file_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    key = load_or_create_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_or_create_key(path) == key
    Cipher.from_keys([key])
    assert list(tmp_path.iterdir()) == [path]


def test_processes_that_make_a_key_file_at_once_agree(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    code = "import sys, pathlib, krake.secrets as s; print(s.load_or_create_key(pathlib.Path(sys.argv[1])))"
    processes = [
        subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    assert {process.communicate(timeout=60)[0].strip() for process in processes} == {load_or_create_key(path)}
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret.key"
    key = load_or_create_key(path)
    path.chmod(mode)
    with pytest.raises(SecretError, match="can be read by others") as caught:
        load_or_create_key(path)
    assert caught.value.fix == f"Run: chmod 600 {path}"
    assert key not in str(caught.value)


def test_an_empty_key_file_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    path.touch(mode=0o600)
    with pytest.raises(SecretError, match="is empty"):
        load_or_create_key(path)
    assert path.read_text() == ""


def test_unusable_key_files(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="cannot be used\nNo such file"):
        load_or_create_key(tmp_path / "missing" / "secret.key")
    with pytest.raises(SecretError, match="cannot be used\nIs a directory"):
        load_or_create_key(tmp_path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_an_unreadable_key_file(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    load_or_create_key(path)
    path.chmod(0)
    with pytest.raises(SecretError, match="cannot be used\nPermission denied"):
        load_or_create_key(path)

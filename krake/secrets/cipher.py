"""Authenticated encryption with keys that can be rotated."""

from __future__ import annotations

import hashlib
import os
from base64 import b64decode
from binascii import Error as BadBase64
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from krake.secrets.errors import SecretError

KEY_BYTES = 32
ID_BYTES = 4
_VERSION = b"\x01"
ID_OFFSET = len(_VERSION)
"""Where the id of its key begins in an encrypted value."""
_NONCE_BYTES = 12
_HEADER = len(_VERSION) + ID_BYTES + _NONCE_BYTES


def _decode(key: str) -> bytes:
    try:
        raw = b64decode(key.strip(), altchars=b"-_", validate=True)
    except (BadBase64, ValueError):
        raw = b""
    if len(raw) != KEY_BYTES:
        raise SecretError(
            "An encryption key is malformed",
            why=f"It has to be {KEY_BYTES} bytes in URL-safe base64, 44 characters",
            fix="Make one with: python -c 'from krake.secrets import new_key; print(new_key())'",
        )
    return raw


def _key_id(raw: bytes) -> bytes:
    return hashlib.sha256(b"krake key id" + raw).digest()[:ID_BYTES]


def key_id(key: str) -> str:
    """What a key is called in encrypted values, lists and messages; tells nothing of the key.

    Raises:
        SecretError: the key is malformed.
    """
    return _key_id(_decode(key)).hex()


def key_id_of(token: bytes) -> str:
    """The id of the key that a value was encrypted with."""
    return token[ID_OFFSET : ID_OFFSET + ID_BYTES].hex()


class Cipher:
    """AES-256-GCM under the first key; values of the other keys can still be read.

    A value carries the id of its key, so that a missing key is told from a damaged value, and is bound to
    the place it belongs to: copied to another row it does not decrypt.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._install(keys)

    @classmethod
    def from_keys(cls, keys: Sequence[str]) -> Cipher:
        """A cipher of keys in URL-safe base64, newest first.

        Raises:
            SecretError: there is no key, or one is malformed.
        """
        return Cipher(decoded(keys))

    @property
    def current(self) -> str:
        """The id of the key that new values are encrypted with."""
        self._refresh()
        return self._ring[1].hex()

    def encrypt(self, value: bytes, place: str) -> bytes:
        """The value encrypted for one place, such as a resource's field."""
        self._refresh()
        ciphers, first = self._ring
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + first + nonce + ciphers[first].encrypt(nonce, value, place.encode())

    def decrypt(self, token: bytes, place: str) -> bytes:
        """The value that was encrypted for this place.

        Raises:
            SecretError: none of the keys fits, or the value was altered.
        """
        if token[:1] != _VERSION or len(token) < _HEADER:
            raise SecretError("A stored secret is damaged", fix="Store it again by updating its resource")
        cipher = self._find(token[1 : 1 + ID_BYTES])
        nonce = token[1 + ID_BYTES : _HEADER]
        try:
            return cipher.decrypt(nonce, token[_HEADER:], place.encode())
        except InvalidTag as error:
            raise SecretError(
                "A stored secret was altered or belongs elsewhere",
                fix="Store it again by updating its resource",
            ) from error

    def _find(self, wanted: bytes) -> AESGCM:
        """The cipher of a key id; the keys are looked up anew before one is said to be missing."""
        if wanted not in self._ring[0]:
            self._refresh()
        ciphers, _ = self._ring
        if wanted not in ciphers:
            known = ", ".join(known.hex() for known in ciphers)
            raise SecretError(
                "A stored secret was encrypted with a key that is not set",
                why=f"It needs the key with id {wanted.hex()}; set: {known}",
                fix="Add the former key behind the new one in the settings, or put the key file back",
            )
        return ciphers[wanted]

    def _install(self, keys: Sequence[bytes]) -> None:
        # One assignment, so that other threads see the former keys or these.
        self._ring = {_key_id(key): AESGCM(key) for key in keys}, _key_id(keys[0])

    def _refresh(self) -> None:
        """Take up keys that have changed; those of the settings never do."""


def decoded(keys: Sequence[str]) -> list[bytes]:
    """The keys as bytes.

    Raises:
        SecretError: there is no key, or one is malformed.
    """
    if not keys:
        raise SecretError("No encryption key is set", fix="Set one in the settings, or a key file")
    return [_decode(key) for key in keys]

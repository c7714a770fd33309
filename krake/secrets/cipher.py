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
_VERSION = b"\x01"
_ID_BYTES = 4
_NONCE_BYTES = 12
_HEADER = len(_VERSION) + _ID_BYTES + _NONCE_BYTES


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
    return hashlib.sha256(b"krake key id" + raw).digest()[:_ID_BYTES]


class Cipher:
    """AES-256-GCM under the first key; values of the other keys can still be read.

    A value carries the id of its key, so that a missing key is told from a damaged value, and is bound to
    the place it belongs to: copied to another row it does not decrypt.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._ciphers = {_key_id(key): AESGCM(key) for key in keys}
        self._first = _key_id(keys[0])

    @classmethod
    def from_keys(cls, keys: Sequence[str]) -> Cipher:
        """A cipher of keys in URL-safe base64, newest first.

        Raises:
            SecretError: there is no key, or one is malformed.
        """
        if not keys:
            raise SecretError("No encryption key is set", fix="Set one in the settings, or a key file")
        return cls([_decode(key) for key in keys])

    def encrypt(self, value: bytes, place: str) -> bytes:
        """The value encrypted for one place, such as a resource's field."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._first].encrypt(nonce, value, place.encode())
        return _VERSION + self._first + nonce + sealed

    def decrypt(self, token: bytes, place: str) -> bytes:
        """The value that was encrypted for this place.

        Raises:
            SecretError: none of the keys fits, or the value was altered.
        """
        if token[:1] != _VERSION or len(token) < _HEADER:
            raise SecretError("A stored secret is damaged", fix="Store it again by updating its resource")
        key_id = token[1 : 1 + _ID_BYTES]
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            known = ", ".join(known.hex() for known in self._ciphers)
            raise SecretError(
                "A stored secret was encrypted with a key that is not set",
                why=f"It needs the key with id {key_id.hex()}; set: {known}",
                fix="Add the former key behind the new one in the settings, or put the key file back",
            )
        nonce = token[1 + _ID_BYTES : _HEADER]
        try:
            return cipher.decrypt(nonce, token[_HEADER:], place.encode())
        except InvalidTag as error:
            raise SecretError(
                "A stored secret was altered or belongs elsewhere",
                fix="Store it again by updating its resource",
            ) from error

"""Encryption of what the store keeps secret, and the keys for it."""

from __future__ import annotations

from krake.secrets.cipher import Cipher
from krake.secrets.errors import SecretError
from krake.secrets.keys import load_or_create_key, new_key

__all__ = ["Cipher", "SecretError", "load_or_create_key", "new_key"]

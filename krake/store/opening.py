"""Opening the store that the settings name; the same for every process."""

from __future__ import annotations

from krake.keyfile import open_cipher
from krake.settings import Settings
from krake.store.store import Store


def open_store(settings: Settings) -> Store:
    """The store of the settings, with the keys from the settings or from the key file. Close it after use.

    Raises:
        SecretError: a key is malformed, or the key file cannot be used.
        StoreError: the URL is malformed or of an unknown database.
    """
    cipher = open_cipher(settings)
    return Store.open(settings.store_url, cipher, generations_kept=settings.generations_kept)

"""Opening the store that the settings name; the same for every process."""

from __future__ import annotations

from krake.secrets import Cipher, load_or_create_key
from krake.settings import Settings
from krake.store.store import Store


def open_store(settings: Settings) -> Store:
    """The store of the settings, with the keys from the settings or from the key file. Close it after use.

    Raises:
        SecretError: a key is malformed, or the key file cannot be used.
        StoreError: the URL is malformed or of an unknown database.
    """
    keys = [key.get_secret_value() for key in settings.secret_keys]
    if not keys:
        keys = load_or_create_key(settings.key_file).split()
    cipher = Cipher.from_keys(keys)
    return Store.open(settings.store_url, cipher, generations_kept=settings.generations_kept)

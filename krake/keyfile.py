"""The keys of the settings: made sure of before anything starts, and opened by every process."""

from __future__ import annotations

from krake.secrets import Cipher
from krake.secrets.ring import FileCipher, read_keys
from krake.settings import Settings


def prepare_keys(settings: Settings) -> str:
    """Check the keys, make the key file where they come from one, and say which are used.

    Raises:
        SecretError: a key is malformed, or the key file cannot be used.
    """
    if settings.secret_keys:
        Cipher.from_keys([key.get_secret_value() for key in settings.secret_keys])
        return f"{len(settings.secret_keys)} from the settings"
    path = settings.key_file
    existed = path.exists()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    read_keys(path)
    return f"{path} ({'there already' if existed else 'made'})"


def open_cipher(settings: Settings) -> Cipher:
    """Encryption with the keys of the settings, or with those of the key file, whose changes it follows.

    Raises:
        SecretError: a key is malformed, or the key file cannot be used.
    """
    if settings.secret_keys:
        return Cipher.from_keys([key.get_secret_value() for key in settings.secret_keys])
    return FileCipher(settings.key_file)

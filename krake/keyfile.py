"""Making sure, before anything starts, that there are keys that encrypt secrets at rest."""

from __future__ import annotations

from krake.secrets import Cipher, load_or_create_key
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
    Cipher.from_keys(load_or_create_key(path).split())
    return f"{path} ({'there already' if existed else 'made'})"

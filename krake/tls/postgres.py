"""How the connection to PostgreSQL is encrypted: by the parameters that every PostgreSQL client knows.

`?sslmode=verify-full&sslrootcert=ca.crt&sslcert=client.crt&sslkey=client.key` in the database URL. The driver
takes these from connection strings of its own only, hence the translation.
"""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL

from krake.errors import KrakeError
from krake.tls.files import load_authorities, load_identity

_FILES = ("sslrootcert", "sslcert", "sslkey")
_PARAMETERS = frozenset({"sslmode", *_FILES})
_PLAIN = ("disable", "allow", "prefer")
_MODES = (*_PLAIN, "require", "verify-ca", "verify-full")
_URL = "KRAKE_DATABASE_URL"


def postgres_tls(url: URL) -> tuple[URL, dict[str, Any]]:
    """The URL without its parameters about TLS, and the driver's arguments for them.

    Raises:
        KrakeError: the mode is unknown, or a file cannot be used.
    """
    given = {name: str(value) for name, value in url.query.items() if name in _PARAMETERS}
    if not given:
        return url, {}
    rest = url.difference_update_query(tuple(_PARAMETERS))
    mode = given.get("sslmode") or ("verify-full" if "sslrootcert" in given else "require")
    if mode not in _MODES:
        raise KrakeError(
            f"The database URL has the unknown sslmode '{mode}'", fix=f"Use one of {', '.join(_MODES)}"
        )
    if mode in _PLAIN:
        if any(name in given for name in _FILES):
            raise KrakeError(
                f"The database URL names TLS files, but sslmode={mode} does not insist on encryption",
                fix="Use sslmode=verify-full, or leave the files out",
            )
        return rest, {"ssl": mode}
    return rest, {"ssl": _context(mode, given)}


def _context(mode: str, given: dict[str, str]) -> ssl.SSLContext:
    """Without a CA, `require` encrypts and trusts anyone, as everywhere; others trust the system's CAs."""
    context = ssl.create_default_context()
    context.check_hostname = mode == "verify-full"
    if mode == "require" and "sslrootcert" not in given:
        context.verify_mode = ssl.CERT_NONE
    if "sslrootcert" in given:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = mode == "verify-full"
        load_authorities(context, Path(given["sslrootcert"]), f"sslrootcert in {_URL}")
    if "sslcert" in given:
        key = Path(given["sslkey"]) if "sslkey" in given else None
        names = (f"sslcert in {_URL}", f"sslkey in {_URL}")
        load_identity(context, Path(given["sslcert"]), key, names)
    return context

"""Reading certificates and keys, with words for people where that fails."""

from __future__ import annotations

import ssl
from pathlib import Path

from krake.errors import KrakeError


def read_pem(path: Path, setting: str) -> bytes:
    """The content of a file that a setting names.

    Raises:
        KrakeError: it cannot be read.
    """
    try:
        return path.expanduser().read_bytes()
    except OSError as error:
        raise KrakeError(
            f"The TLS file {path} cannot be read",
            why=error.strerror or str(error),
            fix=f"Check {setting}",
        ) from None


def load_identity(
    context: ssl.SSLContext, certificate: Path, key: Path | None, settings: tuple[str, str]
) -> None:
    """Give a context the certificate that it shows, and the certificate's key.

    Args:
        certificate: PEM, with the chain up to the CA.
        key: PEM, unencrypted; None where it is in the certificate's file.
        settings: what the certificate's and the key's settings are called.

    Raises:
        KrakeError: a file cannot be read, or the two do not belong together.
    """
    read_pem(certificate, settings[0])
    if key is not None:
        read_pem(key, settings[1])
    try:
        # An encrypted key would ask for its password on the terminal.
        context.load_cert_chain(certificate, key, password=lambda: "")
    except (ssl.SSLError, OSError, ValueError) as error:
        raise KrakeError(
            f"The certificate {certificate} cannot be used",
            why=f"It and {key or certificate} are no pair of PEM files without a password: {_words(error)}",
            fix=f"Check {settings[0]} and {settings[1]}; `krake pki issue` makes such a pair",
        ) from None


def load_authorities(context: ssl.SSLContext, path: Path, setting: str) -> None:
    """Have a context trust the CA certificates of a file.

    Raises:
        KrakeError: it cannot be read or holds no certificates.
    """
    read_pem(path, setting)
    try:
        context.load_verify_locations(cafile=path)
    except (ssl.SSLError, OSError, ValueError) as error:
        raise KrakeError(
            f"{path} holds no CA certificates in PEM", why=_words(error), fix=f"Check {setting}"
        ) from None


def _words(error: Exception) -> str:
    return getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)

"""Who is at the other end of an encrypted connection, told to the application as ASGI's TLS extension.

`scope["extensions"]["tls"]` (https://asgi.readthedocs.io/en/latest/specs/tls.html) is there on every request
over TLS. Its `client_cert_name` is the subject of the certificate that the caller has shown, verified against
`api_tls_client_ca` in the handshake; None where it has shown none.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

from cryptography import x509
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_VERSIONS = {"TLSv1.2": 0x0303, "TLSv1.3": 0x0304}
"""The numbers that the protocol itself has for its versions."""


class PeerProtocol(HttpToolsProtocol):
    """HTTP/1.1 as uvicorn speaks it, with the connection's encryption in every request's scope."""

    _tls: dict[object, object] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Called after the handshake, so that the caller's certificate has been verified."""
        super().connection_made(transport)
        encryption = transport.get_extra_info("ssl_object")
        if encryption is not None:
            self._tls = tls_extension(encryption)

    def on_message_begin(self) -> None:
        """Called at the start of each request of the connection."""
        super().on_message_begin()
        if self._tls is not None:
            self.scope["extensions"] = {"tls": self._tls}


def tls_extension(encryption: Any) -> dict[object, object]:
    """The extension for an `SSLObject` whose handshake is done.

    `client_cert_chain` holds the caller's own certificate in PEM, without its issuers. Without `verify_mode`
    nobody has looked whether a certificate is genuine, so there is none then.
    """
    verified = encryption.context.verify_mode is not ssl.CERT_NONE
    shown: bytes | None = encryption.getpeercert(binary_form=True) if verified else None
    subject = x509.load_der_x509_certificate(shown).subject.rfc4514_string() if shown else None
    return {
        "server_cert": None,
        "client_cert_chain": [ssl.DER_cert_to_PEM_cert(shown)] if shown else [],
        "client_cert_name": subject,
        "client_cert_error": None,
        "tls_version": _VERSIONS.get(encryption.version() or ""),
        "cipher_suite": None,
    }

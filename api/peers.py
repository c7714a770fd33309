"""What TLS has verified about the other end of a connection, for the application to see.

uvicorn does not implement ASGI's extension for TLS. This protocol adds the part of it that is about clients.
"""

from __future__ import annotations

import asyncio
import ssl

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

Extension = dict[object, object]


class PeerProtocol(HttpToolsProtocol):
    """HTTP that puts a verified client certificate into the scope of each request of its connection."""

    _tls: Extension | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Look at the connection once; all its requests have the same certificate."""
        super().connection_made(transport)
        self._tls = _extension(transport.get_extra_info("ssl_object"))

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        if self._tls is not None:
            self.scope["extensions"] = {"tls": self._tls}


def _extension(connection: ssl.SSLObject | None) -> Extension | None:
    """ASGI's `tls` extension; None for a connection in the clear.

    Without `verify_mode` nobody has looked whether the certificate is genuine, so there is none then.
    """
    if connection is None:
        return None
    verified = connection.context.verify_mode is not ssl.CERT_NONE
    certificate = connection.getpeercert(binary_form=True) if verified else None
    chain = [ssl.DER_cert_to_PEM_cert(certificate)] if certificate else []
    return {"client_cert_chain": chain, "client_cert_error": None}

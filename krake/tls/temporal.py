"""How the connection to Temporal is encrypted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from temporalio.service import TLSConfig

from krake.errors import KrakeError
from krake.tls.files import read_pem

if TYPE_CHECKING:
    from krake.settings import Settings

_PREFIX = "KRAKE_TEMPORAL_TLS"


def temporal_tls(settings: Settings) -> TLSConfig | bool:
    """TLS as the settings want it; False for plain text.

    Raises:
        KrakeError: a file cannot be read, or a certificate is without its key.
    """
    ca, cert, key = settings.temporal_tls_ca, settings.temporal_tls_cert, settings.temporal_tls_key
    if (cert is None) != (key is None):
        raise KrakeError(
            "The client certificate for Temporal is incomplete",
            why="Certificate and key belong together, only one of them is set",
            fix=f"Set both {_PREFIX}_CERT and {_PREFIX}_KEY, or neither",
        )
    if not (settings.temporal_tls or ca or cert or settings.temporal_tls_server_name):
        return False
    return TLSConfig(
        server_root_ca_cert=read_pem(ca, f"{_PREFIX}_CA") if ca else None,
        domain=settings.temporal_tls_server_name or None,
        client_cert=read_pem(cert, f"{_PREFIX}_CERT") if cert else None,
        client_private_key=read_pem(key, f"{_PREFIX}_KEY") if key else None,
    )

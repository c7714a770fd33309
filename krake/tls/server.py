"""How the API server encrypts, and whether callers may show a certificate."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from krake.errors import KrakeError
from krake.tls.exposure import require_encryption
from krake.tls.files import load_authorities, load_identity

if TYPE_CHECKING:
    from krake.settings import Settings

CERT, KEY, CLIENT_CA = "KRAKE_API_TLS_CERT", "KRAKE_API_TLS_KEY", "KRAKE_API_TLS_CLIENT_CA"


def server_context(settings: Settings) -> ssl.SSLContext | None:
    """The API's TLS; None for plain HTTP, which only this machine hears or the operator insists on.

    Callers may show a certificate of `api_tls_client_ca`; one of another CA ends the handshake.

    Raises:
        KrakeError: a file cannot be used, or plain HTTP would be heard by others.
    """
    require_encryption(
        "The API",
        settings.api_host,
        encrypted=settings.api_tls_cert is not None,
        insecure=settings.api_insecure,
        fix=f"Set {CERT} and {KEY} (`krake pki` makes them), or KRAKE_API_INSECURE=true behind a TLS proxy",
    )
    if settings.api_tls_cert is None:
        if settings.api_tls_key is not None or settings.api_tls_client_ca is not None:
            raise KrakeError(
                "The API has no certificate to encrypt with",
                why=f"{KEY} or {CLIENT_CA} is set, {CERT} is not",
                fix=f"Set {CERT}, or unset the others",
            )
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    load_identity(context, settings.api_tls_cert, settings.api_tls_key, (CERT, KEY))
    if settings.api_tls_client_ca is not None:
        load_authorities(context, settings.api_tls_client_ca, CLIENT_CA)
        context.verify_mode = ssl.CERT_OPTIONAL
    return context

"""When the credentials in a kubeconfig end."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import Any

import jwt
from cryptography import x509


def expiry_of(kubeconfig: dict[str, Any]) -> datetime | None:
    """The end of the client certificate or of the token, whichever is first; None where neither says one."""
    user = kubeconfig["users"][0]["user"]
    ends = [_end_of_certificate(user.get("client-certificate-data")), _end_of_token(user.get("token"))]
    return min((end for end in ends if end is not None), default=None)


def _end_of_certificate(data: str | None) -> datetime | None:
    if not data:
        return None
    try:
        return x509.load_pem_x509_certificate(base64.b64decode(data)).not_valid_after_utc
    except (ValueError, binascii.Error):
        # Whether a certificate can be used shows when the cluster is reached.
        return None


def _end_of_token(token: str | None) -> datetime | None:
    """The claim `exp` of a JSON Web Token; other tokens say nothing. The cluster checks the signature."""
    if not token:
        return None
    try:
        end = jwt.decode(token, options={"verify_signature": False}).get("exp")
    except jwt.InvalidTokenError:
        return None
    return datetime.fromtimestamp(end, UTC) if isinstance(end, int | float) else None

"""When the credentials of a kubeconfig end."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from krake.provisioning.expiry import expiry_of

NOW = datetime.now(UTC).replace(microsecond=0)
SOON, LATE = NOW + timedelta(days=3), NOW + timedelta(days=300)


def certificate(end: datetime) -> str:
    """A client certificate as a kubeconfig carries it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "admin")])
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=1,
        not_valid_before=NOW - timedelta(days=1),
        not_valid_after=end,
    )
    return base64.b64encode(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)).decode()


def token(**claims: Any) -> str:
    """A JSON Web Token."""
    return jwt.encode({"sub": "admin", **claims}, "k" * 32, algorithm="HS256")


@pytest.mark.parametrize(
    ("user", "end"),
    [
        ({"client-certificate-data": certificate(SOON)}, SOON),
        ({"token": token(exp=int(SOON.timestamp()))}, SOON),
        ({"token": token(exp=int(LATE.timestamp())), "client-certificate-data": certificate(SOON)}, SOON),
        ({"token": token()}, None),
        ({"token": "an opaque one"}, None),
        ({"client-certificate-data": "bm90aGluZw=="}, None),
        ({"username": "admin", "password": "p"}, None),
    ],
)
def test_the_first_end_counts(user: dict[str, Any], end: datetime | None) -> None:
    assert expiry_of({"users": [{"name": "admin", "user": user}]}) == end

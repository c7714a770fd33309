"""Certificates of Kubernetes administrators, and kubeconfigs that hold them."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_KEY_BITS = 2048
ADMINISTRATOR = "admin"
ADMINISTRATORS = "system:masters"
"""The group that Kubernetes lets do everything, whatever its roles say."""


@dataclass(frozen=True, slots=True)
class SigningRequest:
    """A new private key, and the request to have it certified."""

    key: str = field(repr=False)
    csr: str


def administrator_request() -> SigningRequest:
    """A new key of an administrator, RSA because every release of Magnum signs that."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, ADMINISTRATOR),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ADMINISTRATORS),
        ]
    )
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return SigningRequest(private.decode(), request.public_bytes(Encoding.PEM).decode())


def kubeconfig(name: str, server: str, authority: str, certificate: str, key: str) -> dict[str, Any]:
    """A kubeconfig with one cluster, one user and one context, all called `name`.

    Args:
        name: what they are called.
        server: the API server's address.
        authority: PEM text of the authority that signed the server's certificate.
        certificate: PEM text of the user's certificate.
        key: PEM text of its private key.
    """
    user = {"client-certificate-data": _encoded(certificate), "client-key-data": _encoded(key)}
    cluster = {"server": server, "certificate-authority-data": _encoded(authority)}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()

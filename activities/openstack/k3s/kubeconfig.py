"""Kubeconfigs of administrators, issued with a cluster's own client authority."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from activities.openstack.k3s.authorities import ClusterSecrets

USER = "krake-admin"
GROUP = "system:masters"
VALID_FOR = timedelta(days=365)
_CLOCKS_DIFFER = timedelta(minutes=5)


def admin_kubeconfig(
    secrets: ClusterSecrets, server: str, name: str, valid_for: timedelta = VALID_FOR
) -> dict[str, Any]:
    """A kubeconfig with one context and a client certificate that is issued anew.

    Args:
        secrets: of the cluster.
        server: the API's address.
        name: what cluster, user and context are called.
        valid_for: how long the certificate lasts, at most as long as its authority.
    """
    certificate, key = _issue(secrets, valid_for)
    authority = _encoded(secrets.files["server-ca.crt"])
    user = {"client-certificate-data": _encoded(certificate), "client-key-data": _encoded(key)}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": {"server": server, "certificate-authority-data": authority}}],
        "users": [{"name": name, "user": user}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    }


def _issue(secrets: ClusterSecrets, valid_for: timedelta) -> tuple[str, str]:
    """A client certificate of an administrator, and its key, in PEM."""
    authority = x509.load_pem_x509_certificate(secrets.files["client-ca.crt"].encode())
    signer = load_pem_private_key(secrets.files["client-ca.key"].encode(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, GROUP),
            x509.NameAttribute(NameOID.COMMON_NAME, USER),
        ]
    )
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    now = datetime.now(UTC).replace(microsecond=0)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(min(now + valid_for, authority.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(issuer, critical=False)
        .sign(signer, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return certificate.public_bytes(Encoding.PEM).decode(), private.decode()


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()

"""The authorities sign, the administrator's certificate is theirs, and a real API server accepts it."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import NameOID

from activities.openstack.k3s.authorities import AUTHORITIES, ClusterSecrets
from activities.openstack.k3s.kubeconfig import admin_kubeconfig
from krake.models.kubeconfig import check_kubeconfig


@pytest.fixture(scope="module")
def secrets() -> ClusterSecrets:
    """Of one cluster."""
    return ClusterSecrets.make("krake-0123456789abcdef0123456789abcdef0123456789")


def decoded(kubeconfig: dict[str, Any], section: str, entry: str, field: str) -> bytes:
    """A field of the one cluster or user of a kubeconfig."""
    return base64.b64decode(kubeconfig[section][0][entry][field])


def test_authorities_are_different_and_fit_their_keys(secrets: ClusterSecrets) -> None:
    names = set()
    for name in AUTHORITIES:
        certificate = x509.load_pem_x509_certificate(secrets.files[f"{name}-ca.crt"].encode())
        key = load_pem_private_key(secrets.files[f"{name}-ca.key"].encode(), None)
        assert certificate.public_key() == key.public_key()
        certificate.verify_directly_issued_by(certificate)
        assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        names.add(certificate.subject.rfc4514_string())
    assert len(names) == len(AUTHORITIES)
    assert secrets.files["service.key"].startswith("-----BEGIN RSA PRIVATE KEY-----")


def test_what_is_stored_is_read_again(secrets: ClusterSecrets) -> None:
    assert ClusterSecrets.read(secrets.stored()) == secrets


def test_join_tokens_name_the_authority_by_which_nodes_recognize_the_cluster(
    secrets: ClusterSecrets,
) -> None:
    digest = hashlib.sha256(secrets.files["server-ca.crt"].encode()).hexdigest()
    assert secrets.agent_join_token == f"K10{digest}::node:{secrets.agent_token}"
    assert secrets.server_join_token == f"K10{digest}::server:{secrets.server_token}"
    assert secrets.agent_token != secrets.server_token


def test_an_administrators_certificate_is_issued_anew_for_a_year(secrets: ClusterSecrets) -> None:
    first, second = (admin_kubeconfig(secrets, "https://203.0.113.7:6443", "demo") for _ in range(2))
    assert check_kubeconfig(first) == first
    assert first["users"] != second["users"]
    authority = x509.load_pem_x509_certificate(secrets.files["client-ca.crt"].encode())
    certificate = x509.load_pem_x509_certificate(decoded(first, "users", "user", "client-certificate-data"))
    certificate.verify_directly_issued_by(authority)
    names = {attribute.oid: attribute.value for attribute in certificate.subject}
    assert names == {NameOID.COMMON_NAME: "krake-admin", NameOID.ORGANIZATION_NAME: "system:masters"}
    left = certificate.not_valid_after_utc - datetime.now(UTC)
    assert timedelta(days=364) < left <= timedelta(days=365)
    trusted = decoded(first, "clusters", "cluster", "certificate-authority-data")
    assert trusted.decode() == secrets.files["server-ca.crt"]

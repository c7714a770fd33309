"""Certificates, tokens and kubeconfigs of a sandbox, made once and kept, so that a restart changes none."""

from __future__ import annotations

import base64
import ipaddress
import os
import secrets
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

HOST = "127.0.0.1"
SERVICE_HOSTS = ("localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc")
LIFETIME = timedelta(days=3650)


class User(StrEnum):
    """Who has a token for a sandbox's API server."""

    ADMIN = "admin"
    GUEST = "guest"
    """Is known to the API server and may do nothing: for the messages about missing rights."""
    CONTROLLER_MANAGER = "system:kube-controller-manager"
    SCHEDULER = "system:kube-scheduler"
    KWOK = "kwok"


class Credentials:
    """The secrets in one folder, readable by its owner only."""

    def __init__(self, folder: Path) -> None:
        self.certificate = folder / "server.crt"
        self.key = folder / "server.key"
        self.service_account_key = folder / "service-accounts.key"
        self.service_account_public_key = folder / "service-accounts.pub"
        self.tokens = folder / "tokens.csv"
        self._folder = folder

    def make(self) -> None:
        """Makes all of them anew."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        server_key = ec.generate_private_key(ec.SECP256R1())
        write_private(self.key, _private_pem(server_key))
        write_private(self.certificate, _certificate(server_key).public_bytes(Encoding.PEM))
        signing_key = ec.generate_private_key(ec.SECP256R1())
        write_private(self.service_account_key, _private_pem(signing_key))
        public = signing_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        write_private(self.service_account_public_key, public)
        write_private(self.tokens, "".join(_token_line(user) for user in User).encode())

    def token(self, user: User) -> str:
        """A user's bearer token."""
        rows = (line.split(",") for line in self.tokens.read_text().splitlines())
        return next(row[0] for row in rows if row[1] == user)

    def kubeconfig(self, name: str, port: int, user: User = User.ADMIN, token: str | None = None) -> str:
        """A kubeconfig with one cluster, one user and one context, all called `name`.

        Args:
            name: what they are called.
            port: where the API server listens.
            user: whose token is inside.
            token: a token to use instead, such as a wrong one.
        """
        authority = base64.b64encode(self.certificate.read_bytes()).decode()
        server = {"server": f"https://{HOST}:{port}", "certificate-authority-data": authority}
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": server}],
            "users": [{"name": name, "user": {"token": token or self.token(user)}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
            "current-context": name,
        }
        return yaml.safe_dump(document, sort_keys=False)


def write_private(path: Path, content: bytes) -> None:
    """Writes a file that only its owner can read, from its first byte on."""
    scratch = path.with_name(f".{path.name}.new")
    scratch.unlink(missing_ok=True)
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    os.replace(scratch, path)


def _token_line(user: User) -> str:
    group = "" if user is User.GUEST else ',"system:masters"'
    return f"{secrets.token_urlsafe(32)},{user},{user}{group}\n"


def _private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    # The service account token controller reads PKCS #1 and SEC 1 keys, not PKCS #8.
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())


def _certificate(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """A certificate that signs itself, so that it is its own authority."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "krake-sandbox")])
    hosts = [x509.DNSName(host) for host in SERVICE_HOSTS]
    addresses = [x509.IPAddress(ipaddress.ip_address(HOST))]
    usage = x509.KeyUsage(True, False, False, False, False, True, False, False, False)
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectAlternativeName([*hosts, *addresses]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )

"""A cluster's certificate authorities and join tokens, made by Krake before any server is.

k3s makes no authorities of its own where it finds these files when it first starts. As the client authority's
key is Krake's, an administrator's certificate can be issued without ever logging in to a node.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta

import orjson
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

AUTHORITIES = ("server", "client", "request-header", "etcd/server", "etcd/peer")
"""The authorities that k3s looks for; the last two even where etcd is not used."""
SERVICE_KEY = "service.key"
"""What service account tokens are signed with; it has no certificate."""

LIFETIME = timedelta(days=3650)
"""As long as k3s makes its own ones valid for."""
_CLOCKS_DIFFER = timedelta(minutes=5)
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class ClusterSecrets:
    """What a cluster's nodes trust and join with."""

    files: dict[str, str] = field(repr=False)
    """The content of the files below k3s's `server/tls` by their names there, in PEM."""
    server_token: str = field(repr=False)
    """Joins further control plane nodes, which receive the authorities' keys by it."""
    agent_token: str = field(repr=False)
    """Joins workers, and nothing else."""

    @classmethod
    def make(cls, cluster: str) -> ClusterSecrets:
        """New secrets of a cluster, which is named in its certificates."""
        files = {}
        for name in AUTHORITIES:
            certificate, key = _authority(f"{name.replace('/', '-')}-ca@{cluster}")
            files[f"{name}-ca.crt"] = certificate
            files[f"{name}-ca.key"] = key
        files[SERVICE_KEY] = _pem(rsa.generate_private_key(public_exponent=65537, key_size=2048))
        return cls(files, secrets.token_hex(_TOKEN_BYTES), secrets.token_hex(_TOKEN_BYTES))

    @classmethod
    def read(cls, stored: bytes) -> ClusterSecrets:
        """From the vault."""
        return cls(**orjson.loads(stored))

    def stored(self) -> bytes:
        """As it is kept in the vault."""
        return orjson.dumps(asdict(self))

    @property
    def server_join_token(self) -> str:
        """The token of further control plane nodes, by which they also recognize the cluster."""
        return f"K10{self._fingerprint}::server:{self.server_token}"

    @property
    def agent_join_token(self) -> str:
        """The token of workers, by which they also recognize the cluster."""
        return f"K10{self._fingerprint}::node:{self.agent_token}"

    @property
    def _fingerprint(self) -> str:
        # Of an authority that signs itself k3s hashes the file, of a chain the root's DER.
        return hashlib.sha256(self.files["server-ca.crt"].encode()).hexdigest()


def _authority(name: str) -> tuple[str, str]:
    """A certificate that signs itself and may sign others, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    # RFC 5280 allows 64 characters.
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"krake-{name}"[:64])])
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    usage = x509.KeyUsage(True, False, True, False, False, True, False, False, False)
    now = datetime.now(UTC).replace(microsecond=0)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(identifier, critical=False)
        .sign(key, SHA256())
    )
    return certificate.public_bytes(Encoding.PEM).decode(), _pem(key)


def _pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    # Kubernetes reads service account keys in SEC 1 and PKCS #1, and k3s writes them so.
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()

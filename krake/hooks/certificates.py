"""Client certificates for hooks, signed with the operator's intermediate certificate."""

from __future__ import annotations

import ssl
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import orjson
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from krake.errors import KrakeError

if TYPE_CHECKING:
    from krake.settings import Settings

VALID_FOR = timedelta(days=365)
RENEWED_BEFORE = timedelta(days=30)
"""A certificate with less than this left is replaced when its application is applied again."""
_CLOCKS_DIFFER = timedelta(minutes=5)

SigningKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Issued:
    """A client certificate with the chain up to its issuer, and its private key, in PEM."""

    cert: str
    key: str

    def stored(self) -> bytes:
        """As it is kept in the secret store."""
        return orjson.dumps(asdict(self))

    @classmethod
    def read(cls, stored: bytes) -> Issued:
        """From the secret store."""
        return cls(**orjson.loads(stored))


class Authority:
    """Issues client certificates. Use `load`.

    Args:
        certificate: the certificate that signs.
        key: its private key.
        roots: further CA certificates in PEM, for the bundle that applications get.
    """

    def __init__(self, certificate: x509.Certificate, key: SigningKey, roots: str) -> None:
        self._certificate = certificate
        self._key = key
        own = certificate.public_bytes(Encoding.PEM).decode()
        self.bundle = f"{roots.rstrip()}\n{own}" if roots else own
        """What applications verify the API's certificate with."""

    @classmethod
    def load(cls, settings: Settings) -> Authority | None:
        """The authority of the settings; None where hooks work without TLS.

        Raises:
            KrakeError: a file is missing or does not fit, or hooks would be called without TLS.
        """
        certificate, key = settings.hook_intermediate_src, settings.hook_intermediate_key_src
        if certificate is None and key is None:
            return None
        if certificate is None or key is None:
            raise _unusable("certificate and key belong together, only one of them is set")
        if settings.hook_external_endpoint.startswith("http://"):
            raise _unusable("KRAKE_HOOK_EXTERNAL_ENDPOINT is http://, and certificates need https://")
        roots = _read(settings.hook_client_ca).decode() if settings.hook_client_ca else ""
        try:
            signer = x509.load_pem_x509_certificate(_read(certificate))
            private = load_pem_private_key(_read(key), None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise _unusable(f"they are not a certificate and an unencrypted key in PEM: {error}") from error
        if not isinstance(private, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
            raise _unusable("the key is neither RSA nor of an elliptic curve")
        if private.public_key() != signer.public_key():
            raise _unusable("the key is not the certificate's")
        return cls(signer, private, roots)

    def issue(self, user: str, now: datetime) -> Issued:
        """A new certificate in the name of a hook's user."""
        key = ec.generate_private_key(ec.SECP256R1())
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, user)]))
            .issuer_name(self._certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - _CLOCKS_DIFFER)
            .not_valid_after(min(now + VALID_FOR, self._certificate.not_valid_after_utc))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
            .add_extension(identifier, critical=False)
            .add_extension(issuer, critical=False)
            .sign(self._key, SHA256())
        )
        chain = certificate.public_bytes(Encoding.PEM) + self._certificate.public_bytes(Encoding.PEM)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return Issued(chain.decode(), private.decode())

    def still_good(self, issued: Issued, user: str, now: datetime) -> bool:
        """Whether a certificate is for this user, of this authority, and good for a while."""
        certificate = x509.load_pem_x509_certificates(issued.cert.encode())[0]
        try:
            certificate.verify_directly_issued_by(self._certificate)
        except (ValueError, TypeError, InvalidSignature):
            return False
        names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        left = certificate.not_valid_after_utc - now
        longest = self._certificate.not_valid_after_utc - now
        return [name.value for name in names] == [user] and left > min(RENEWED_BEFORE, longest / 2)


def utc_now() -> datetime:
    """The present, to the second, as certificates tell time."""
    return datetime.now(UTC).replace(microsecond=0)


def client_context(settings: Settings) -> ssl.SSLContext:
    """How Krake verifies the services through which it asks applications to shut down.

    Raises:
        KrakeError: the file with the CA certificates cannot be used.
    """
    context = ssl.create_default_context()
    if settings.hook_client_ca is not None:
        try:
            context.load_verify_locations(cadata=_read(settings.hook_client_ca).decode())
        except (ssl.SSLError, ValueError) as error:
            raise _unusable(f"{settings.hook_client_ca} holds no certificates in PEM") from error
    return context


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unusable(f"{path}: {error.strerror}") from error


def _unusable(why: str) -> KrakeError:
    return KrakeError(
        "The certificates of hooks cannot be used",
        why=why,
        fix="Check KRAKE_HOOK_INTERMEDIATE_SRC, KRAKE_HOOK_INTERMEDIATE_KEY_SRC and KRAKE_HOOK_CLIENT_CA",
    )

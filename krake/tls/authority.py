"""A certificate authority for development: one CA in a folder, and the certificates that it issues.

It is what `krake pki` works with. For others than oneself use the CA that one's organisation has.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from krake.errors import KrakeError
from krake.tls.pair import Pair, require_absent, write_pair

CA_NAME = "ca"
_CLOCKS_DIFFER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Authority:
    """The CA of one folder, able to sign."""

    folder: Path
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @classmethod
    def create(cls, folder: Path, common_name: str, days: int, *, force: bool = False) -> Authority:
        """Make the CA of a folder.

        Raises:
            KrakeError: there is one already and `force` is not given, or the files cannot be written.
        """
        pair = Pair.of(folder, CA_NAME)
        if not force:
            require_absent(pair, "Every certificate of the former CA would become worthless")
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        certificate = (
            _unsigned(name, name, key.public_key(), days, None)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .sign(key, SHA256())
        )
        _write(pair, [certificate], key)
        return cls(folder, certificate, key)

    @classmethod
    def load(cls, folder: Path) -> Authority:
        """The CA that was made in the folder.

        Raises:
            KrakeError: there is none, or its files do not fit.
        """
        pair = Pair.of(folder, CA_NAME)
        try:
            certificate = x509.load_pem_x509_certificate(pair.certificate.read_bytes())
            key = load_pem_private_key(pair.key.read_bytes(), None)
        except OSError as error:
            raise KrakeError(
                f"There is no CA in {folder}",
                why=f"{error.filename}: {error.strerror}",
                fix="Make one with: krake pki init",
            ) from None
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise _damaged(folder) from None
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise _damaged(folder)
        return cls(folder, certificate, key)

    def issue_server(self, name: str, hosts: Sequence[str], days: int, *, force: bool = False) -> Pair:
        """A certificate for a server that is reached under these names and addresses.

        Raises:
            KrakeError: the files exist and `force` is not given, or the CA ends before a day has passed.
        """
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        names = x509.SubjectAlternativeName([_general_name(host) for host in hosts])
        return self._issue(name, subject, ExtendedKeyUsageOID.SERVER_AUTH, names, days, force)

    def issue_client(self, name: str, groups: Sequence[str], days: int, *, force: bool = False) -> Pair:
        """A certificate for a caller: its name is the CN, its groups are the Os.

        Raises:
            KrakeError: the files exist and `force` is not given, or the CA ends before a day has passed.
        """
        organisations = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
        subject = x509.Name([*organisations, x509.NameAttribute(NameOID.COMMON_NAME, name)])
        return self._issue(name, subject, ExtendedKeyUsageOID.CLIENT_AUTH, None, days, force)

    def _issue(
        self,
        name: str,
        subject: x509.Name,
        purpose: ObjectIdentifier,
        names: x509.SubjectAlternativeName | None,
        days: int,
        force: bool,
    ) -> Pair:
        pair = Pair.of(self.folder, name)
        if pair == Pair.of(self.folder, CA_NAME):
            raise KrakeError(f"'{name}' is the name of the CA's own files", fix="Use another name")
        if not force:
            require_absent(pair, "Whoever uses the former key would be locked out")
        end = self.certificate.not_valid_after_utc
        if end - datetime.now(UTC) < timedelta(days=1):
            raise KrakeError(
                f"The CA in {self.folder} ends on {end:%Y-%m-%d}",
                fix="Make a new one with: krake pki init --force",
            )
        key = ec.generate_private_key(ec.SECP256R1())
        builder = (
            _unsigned(subject, self.certificate.subject, key.public_key(), days, end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
            )
        )
        if names is not None:
            builder = builder.add_extension(names, critical=False)
        _write(pair, [builder.sign(self.key, SHA256()), self.certificate], key)
        return pair


def _unsigned(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    days: int,
    latest: datetime | None,
) -> x509.CertificateBuilder:
    now = datetime.now(UTC).replace(microsecond=0)
    end = now + timedelta(days=days)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(min(end, latest) if latest else end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return x509.DNSName(host)
    except ValueError:
        raise KrakeError(f"'{host}' is neither a host name nor an address", fix="Correct --san") from None


def _write(pair: Pair, chain: Sequence[x509.Certificate], key: ec.EllipticCurvePrivateKey) -> None:
    certificates = b"".join(one.public_bytes(Encoding.PEM) for one in chain)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_pair(pair, certificates, private)


def _damaged(folder: Path) -> KrakeError:
    return KrakeError(
        f"The CA in {folder} cannot be used",
        why="Its files are no certificate and key that belong together",
        fix="Put them back from a backup, or make a new one with: krake pki init --force",
    )

"""Authentication by client certificates, which TLS has verified against the server's client CA."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier

from api.authentication.credentials import Credentials
from api.authentication.refusals import refusal
from api.authentication.user import User, authenticated
from api.problems import ProblemError
from krake.errors import KrakeError
from krake.identities import check_name


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a certificate says, as far as it matters."""

    names: tuple[str, ...]
    groups: tuple[str, ...]
    begins: datetime
    ends: datetime


class ClientCertificates:
    """The common name is the user, the organisations are the groups, as in Kubernetes."""

    async def recognise(self, given: Credentials) -> User | None:
        """The user that the certificate names."""
        # A token in the request is meant for it; the certificate is of the whole connection.
        if given.token or not given.certificate:
            return None
        subject = _subject(given.certificate)
        # TLS looked at the dates when the connection was made, which may be long ago.
        if not subject.begins <= datetime.now(UTC) <= subject.ends:
            raise refusal("The client certificate has expired")
        if len(subject.names) != 1:
            raise refusal("The client certificate has to have exactly one common name, the user's")
        try:
            for name in (*subject.names, *subject.groups):
                check_name("user or group", name)
        except KrakeError as error:
            raise _unusable(error) from None
        return authenticated(subject.names[0], subject.groups)

    async def close(self) -> None:
        """There is nothing to close."""


@lru_cache(maxsize=1024)
def _subject(pem: str) -> _Subject:
    certificate = x509.load_pem_x509_certificate(pem.encode())
    return _Subject(
        names=_values(certificate, NameOID.COMMON_NAME),
        groups=_values(certificate, NameOID.ORGANIZATION_NAME),
        begins=certificate.not_valid_before_utc,
        ends=certificate.not_valid_after_utc,
    )


def _values(certificate: x509.Certificate, field: ObjectIdentifier) -> tuple[str, ...]:
    return tuple(str(entry.value) for entry in certificate.subject.get_attributes_for_oid(field))


def _unusable(error: KrakeError) -> ProblemError:
    return refusal(f"The client certificate cannot be used: {error.what}")

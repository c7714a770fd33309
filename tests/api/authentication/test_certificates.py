"""Client certificates over real TLS: the common name is the user, the organisations are the groups."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from api.app import create_app
from api.authentication.certificates import ClientCertificates
from api.authentication.credentials import Credentials
from api.problems import ProblemError
from api.server import Server, config, listen
from krake.setting_groups.api import AuthenticationWay
from krake.settings import Settings
from krake.store import Store
from krake.temporal import connect
from tests.api.authentication.conftest import bearer, refused

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Authority:
    """A certificate authority in a folder."""

    folder: Path
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def make(cls, folder: Path, name: str) -> Authority:
        """A new one; its certificate is `NAME.pem`."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        basics = x509.BasicConstraints(ca=True, path_length=None)
        made = _builder(subject, subject, key).add_extension(basics, critical=True).sign(key, hashes.SHA256())
        (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
        return cls(folder, key, made)

    def issue(
        self,
        file: str,
        names: Sequence[str],
        groups: Sequence[str] = (),
        lifetime: timedelta = HOUR,
    ) -> str:
        """A certificate with its key in one file of the folder; the certificate."""
        key = ec.generate_private_key(ec.SECP256R1())
        attributes = [x509.NameAttribute(NameOID.COMMON_NAME, name) for name in names]
        attributes += [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
        address = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
        builder = _builder(x509.Name(attributes), self.certificate.subject, key, lifetime)
        made = builder.add_extension(address, critical=False).sign(self.key, hashes.SHA256())
        pem = made.public_bytes(serialization.Encoding.PEM)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (self.folder / f"{file}.pem").write_bytes(pem + private)
        return pem.decode()


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    lifetime: timedelta = timedelta(hours=1),
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        issuer,
        subject,
        key.public_key(),
        x509.random_serial_number(),
        now - timedelta(days=1),
        now + lifetime,
    )


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """The authority that the server trusts; its own certificate is `server.pem`."""
    made = Authority.make(tmp_path, "trusted")
    made.issue("server", ["server"])
    return made


@pytest.fixture
async def url(authority: Authority, settings: Settings, store: Store) -> AsyncIterator[str]:
    """The API with TLS, which asks for a client certificate and does not insist on one."""
    ways = [AuthenticationWay.CERTIFICATES, AuthenticationWay.TOKENS]
    settings = settings.model_copy(update={"authentication": ways})
    serving = config(create_app(settings, store, await connect(settings, lazy=True)))
    serving.ssl_certfile = serving.ssl_keyfile = authority.folder / "server.pem"
    serving.ssl_ca_certs, serving.ssl_cert_reqs = str(authority.folder / "trusted.pem"), ssl.CERT_OPTIONAL
    with listen("127.0.0.1", 0) as listener:
        server = Server(serving)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        await asyncio.wait_for(task, 10)


def client(url: str, folder: Path, certificate: str = "") -> httpx.AsyncClient:
    """A client that trusts the server and shows a certificate."""
    context = ssl.create_default_context(cafile=str(folder / "trusted.pem"))
    if certificate:
        context.load_cert_chain(folder / f"{certificate}.pem")
    return httpx.AsyncClient(base_url=url, verify=context, trust_env=False)


async def test_the_subject_of_a_verified_certificate_is_the_user(url: str, authority: Authority) -> None:
    authority.issue("alice", ["alice"], ["developers", "testers"])
    async with client(url, authority.folder, "alice") as http:
        for _ in range(2):
            me = (await http.get("/me")).json()
            assert me["user"] == "alice"
            assert me["groups"] == ["developers", "system:authenticated", "testers"]
        refused(await http.get("/me", headers=bearer("krake_" + "A" * 43)), "not known")


async def test_without_a_certificate_nobody_is_known_and_a_stranger_s_gets_no_connection(
    url: str, authority: Authority
) -> None:
    Authority.make(authority.folder, "stranger").issue("mallory", ["system:admin"], ["system:masters"])
    async with client(url, authority.folder) as http:
        refused(await http.get("/me"), "Who makes this request?")
    async with client(url, authority.folder, "mallory") as http:
        with pytest.raises(httpx.TransportError):
            await http.get("/me")


@pytest.mark.parametrize(
    ("names", "groups", "lifetime", "words"),
    [
        ((), ("developers",), 1, "exactly one common name"),
        (("alice", "system:admin"), (), 1, "exactly one common name"),
        (("system:anonymous",), (), 1, "cannot be used"),
        (("alice",), ("system:unauthenticated",), 1, "cannot be used"),
        (("alice",), (), -1, "has expired"),
    ],
)
async def test_certificates_that_name_nobody(
    authority: Authority, names: tuple[str, ...], groups: tuple[str, ...], lifetime: int, words: str
) -> None:
    pem = authority.issue("odd", names, groups, timedelta(hours=lifetime))
    with pytest.raises(ProblemError) as caught:
        await ClientCertificates().recognise(Credentials(certificate=pem))
    assert caught.value.status == 401
    assert words in caught.value.detail

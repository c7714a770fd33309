"""A real kube-apiserver that trusts the authorities of a cluster as k3s's own one does."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from activities.openstack.k3s.authorities import SERVICE_KEY, ClusterSecrets
from krake.embedded.binaries import ETCD, KUBE_APISERVER, ensure
from krake.embedded.control_plane import APISERVER, ControlPlane, Ports
from krake.embedded.ports import free_port

HOST = "127.0.0.1"


@asynccontextmanager
async def api_server(folder: Path, secrets: ClusterSecrets) -> AsyncIterator[str]:
    """The address of an API server with its etcd, stopped afterwards."""
    programs = await asyncio.to_thread(ensure, (ETCD, KUBE_APISERVER))
    plane = ControlPlane(folder, Ports(free_port(HOST), free_port(HOST), free_port(HOST)))
    plane.prepare()
    for name, content in secrets.files.items():
        path = folder / "tls" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    _serve_as(secrets, folder / "tls")
    plane.start("etcd", programs)
    server = plane.process(APISERVER)
    server.start([programs[APISERVER], *_flags(folder / "tls", plane.ports)])
    try:
        yield f"https://{HOST}:{plane.ports.api}"
    finally:
        for part in (APISERVER, "etcd"):
            await plane.process(part).stop(5)


def _flags(tls: Path, ports: Ports) -> list[str]:
    return [
        f"--etcd-servers=http://{HOST}:{ports.etcd}",
        f"--bind-address={HOST}",
        f"--advertise-address={HOST}",
        f"--secure-port={ports.api}",
        f"--tls-cert-file={tls / 'serving.crt'}",
        f"--tls-private-key-file={tls / 'serving.key'}",
        f"--client-ca-file={tls / 'client-ca.crt'}",
        f"--requestheader-client-ca-file={tls / 'request-header-ca.crt'}",
        "--authorization-mode=RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={tls / SERVICE_KEY}",
        f"--service-account-signing-key-file={tls / SERVICE_KEY}",
        "--service-cluster-ip-range=10.43.0.0/16",
        "--endpoint-reconciler-type=none",
        # There is no controller that would make the account of each namespace.
        "--disable-admission-plugins=ServiceAccount",
        "--shutdown-delay-duration=0s",
    ]


def _serve_as(secrets: ClusterSecrets, tls: Path) -> None:
    """A serving certificate of the server authority, as k3s issues it itself."""
    authority = x509.load_pem_x509_certificate(secrets.files["server-ca.crt"].encode())
    signer = load_pem_private_key(secrets.files["server-ca.key"].encode(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kube-apiserver")]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(address, critical=False)
        .sign(signer, SHA256())
    )
    (tls / "serving.crt").write_bytes(certificate.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tls / "serving.key").write_bytes(private)

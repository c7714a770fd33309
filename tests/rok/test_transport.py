"""How requests travel: encrypted where that is configured, with the token, and to nobody else."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.rok.cli import Rok


class Server(HTTPServer):
    """An API with an empty list that remembers the tokens it was given."""

    tokens: list[str | None]


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Server)
        self.server.tokens.append(self.headers["Authorization"])
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"items": [], "metadata": {"revision": 1}}')

    def log_message(self, *_: object) -> None:
        return


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return paths


@pytest.fixture
def server() -> Iterator[Server]:
    """A server that does not listen to anybody yet."""
    made = Server(("127.0.0.1", 0), _Handler)
    made.tokens = []
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def encrypted(server: Server, tmp_path: Path) -> Server:
    """The server with TLS; its certificate is `cert.pem`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(tmp_path))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    return server


def configure(rok: Rok, url: str, more: str = "") -> None:
    rok.environment.pop("ROK_API_URL")
    Path("rok.yaml").write_text(f"api_url: {url}\n{more}")


def test_the_token_is_sent(rok: Rok, server: Server) -> None:
    configure(rok, f"http://127.0.0.1:{server.server_port}", "token: s3cr3t\n")
    rok("kube", "app", "list").ok()
    assert server.tokens == ["Bearer s3cr3t"]


def test_this_machine_is_not_asked_by_a_proxy(rok: Rok, server: Server) -> None:
    configure(rok, f"http://127.0.0.1:{server.server_port}")
    rok("kube", "app", "list", http_proxy="http://127.0.0.1:1").ok()


def test_a_trusted_certificate(rok: Rok, encrypted: Server, tmp_path: Path) -> None:
    tls = f"tls: {{enabled: true, client_ca: {tmp_path / 'cert.pem'}}}\n"
    configure(rok, f"http://127.0.0.1:{encrypted.server_port}", tls)
    answer = rok("kube", "app", "list").ok()
    assert "forced to scheme 'https'" in answer.err


def test_a_certificate_that_nobody_vouches_for(rok: Rok, encrypted: Server) -> None:
    configure(rok, f"https://127.0.0.1:{encrypted.server_port}", "token: s3cr3t\n")
    answer = rok("kube", "app", "list")
    assert answer.code == 10
    assert "is not trusted" in answer.err
    assert "--api-ca-file" in answer.err
    assert encrypted.tokens == []


def test_certificate_files_that_are_missing(rok: Rok) -> None:
    configure(rok, "https://127.0.0.1:1", "tls: {client_ca: nowhere.pem}\n")
    answer = rok("kube", "app", "list")
    assert answer.code == 2
    assert "nowhere.pem" in answer.err


def test_a_token_does_not_cross_a_network_in_plain_text(tmp_path: Path) -> None:
    rok = Rok("http://krake.invalid:8080", "testing", ROK_TOKEN="secret-of-mine")
    refused = rok("get", "apps")
    assert refused.code == 2
    assert "Error: The token is not sent to http://krake.invalid:8080" in refused.err
    assert "everybody on the way could read it" in refused.err and "ROK_INSECURE=1" in refused.err
    assert "secret-of-mine" not in refused.err
    config = tmp_path / "rok.yaml"
    config.write_text("insecure: true\n")
    for told in (
        rok("--insecure", "get", "apps"),
        rok("get", "apps", ROK_INSECURE="1"),
        rok("get", "apps", "--config", str(config)),
        rok("get", "apps", ROK_TOKEN=""),
        rok("get", "apps", ROK_API_URL="http://127.0.0.1:1"),
    ):
        assert told.code == 10 and "cannot be reached" in told.err
    for untold in (rok("get", "apps", "--config", str(config), ROK_INSECURE="0"), refused):
        assert untold.code == 2
    config.write_text("insecure: maybe\n")
    assert "has to be true or false" in rok("get", "apps", "--config", str(config)).err

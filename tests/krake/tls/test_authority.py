"""`krake pki`: what it makes, for whom, and what it does not overwrite."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from krake.cli import krake, run
from krake.errors import KrakeError
from krake.tls.authority import Authority
from krake.tls.files import load_identity


def command(*arguments: str) -> str:
    """The output of `krake pki …`."""
    result = CliRunner().invoke(krake, ["pki", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificates(path.read_bytes())[0]


def test_a_ca_a_server_and_a_client(tmp_path: Path) -> None:
    folder = str(tmp_path)
    assert "ca.key (keep it secret)" in command("init", "--directory", folder)
    command(
        "issue", "server", "api", "--san", "krake.example.org", "--san", "192.0.2.7", "--directory", folder
    )
    command("issue", "client", "alice", "-O", "a", "-O", "b", "--days", "7", "--directory", folder)

    ca, server, client = (certificate(tmp_path / f"{name}.crt") for name in ("ca", "api", "alice"))
    for issued in (server, client):
        issued.verify_directly_issued_by(ca)
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(names.get_values_for_type(x509.DNSName)) == {"localhost", "krake.example.org"}
    assert {str(one) for one in names.get_values_for_type(x509.IPAddress)} == {
        "127.0.0.1",
        "::1",
        "192.0.2.7",
    }
    purposes = [
        list(one.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) for one in (server, client)
    ]
    assert purposes == [[ExtendedKeyUsageOID.SERVER_AUTH], [ExtendedKeyUsageOID.CLIENT_AUTH]]
    groups = client.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    assert [group.value for group in groups] == ["a", "b"]
    left = client.not_valid_after_utc - datetime.now(UTC)
    assert timedelta(days=6) < left <= timedelta(days=7)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_nothing_is_overwritten_without_force(tmp_path: Path) -> None:
    authority = Authority.create(tmp_path, "first", 30)
    authority.issue_client("system:admin", [], 30)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for attempt in (
        lambda: Authority.create(tmp_path, "second", 30),
        lambda: authority.issue_client("system:admin", [], 30),
        lambda: authority.issue_server("ca", [], 30, force=True),
    ):
        with pytest.raises(KrakeError):
            attempt()
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before
    Authority.create(tmp_path, "second", 30, force=True)
    assert (tmp_path / "ca.crt").read_bytes() != before[tmp_path / "ca.crt"]


def test_no_certificate_outlives_its_ca(tmp_path: Path) -> None:
    authority = Authority.create(tmp_path, "short", 3)
    pair = authority.issue_server("api", ["localhost"], 365)
    assert certificate(pair.certificate).not_valid_after_utc == authority.certificate.not_valid_after_utc
    with pytest.raises(KrakeError, match="ends on"):
        Authority.create(tmp_path / "over", "over", 0).issue_server("api", [], 1)


def test_errors_are_told_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["pki", "issue", "client", "bob", "--directory", str(tmp_path)]) == 1
    assert "krake pki init" in capsys.readouterr().err
    Authority.create(tmp_path, "one", 30)
    (tmp_path / "ca.key").write_text("nonsense")
    with pytest.raises(KrakeError, match="cannot be used"):
        Authority.load(tmp_path)


def test_a_key_that_does_not_fit_is_explained(pki: Path) -> None:
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with pytest.raises(KrakeError, match="cannot be used") as caught:
        load_identity(context, pki / "api.crt", pki / "alice.key", ("CERT", "KEY"))
    assert "no pair" in caught.value.why
    with pytest.raises(KrakeError, match="cannot be read"):
        load_identity(context, pki / "missing.crt", None, ("CERT", "KEY"))

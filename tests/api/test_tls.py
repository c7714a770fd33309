"""The API over TLS: what callers verify, what the application learns of them, and what is refused."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import Request

from api.app import create_app
from api.server import Server, address_of, config, listen
from krake.errors import KrakeError
from krake.secrets import Cipher, new_key
from krake.settings import Settings
from krake.store import Store
from krake.temporal import connect
from krake.tls.authority import Authority
from krake.tls.server import server_context
from tests.rok.cli import Rok


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CA, the API's certificate, a caller's, and one of another CA."""
    folder = tmp_path_factory.mktemp("pki")
    authority = Authority.create(folder, "tests", 30)
    authority.issue_server("api", ["localhost", "127.0.0.1"], 30)
    authority.issue_client("alice", ["developers", "night shift"], 30)
    Authority.create(folder / "foreign", "foreign", 30).issue_client("mallory", ["system:masters"], 30)
    return folder


@pytest.fixture
def encrypted(settings: Settings, pki: Path) -> Settings:
    """Settings with TLS on an address of all machines."""
    files = {"api_tls_cert": "api.crt", "api_tls_key": "api.key", "api_tls_client_ca": "ca.crt"}
    return settings.model_copy(
        update={"api_host": "0.0.0.0", **{key: pki / name for key, name in files.items()}}
    )


@pytest.fixture
async def address(encrypted: Settings, sqlite_url: str) -> AsyncIterator[str]:
    """The API over TLS, with one route more, which tells what is known of the caller."""
    async with Store.open(sqlite_url, Cipher.from_keys([new_key()])) as store:
        app = create_app(encrypted, store, await connect(encrypted, lazy=True))

        @app.get("/caller")
        async def caller(request: Request) -> dict[str, Any]:
            return {"scheme": request.url.scheme, **request.scope["extensions"]["tls"]}

        with listen("127.0.0.1", 0) as listener:
            server = Server(config(app, server_context(encrypted)))
            serving = asyncio.create_task(server.serve(sockets=[listener]))
            try:
                yield address_of(listener, encrypted=True)
            finally:
                server.should_exit = True
                await asyncio.wait_for(serving, 10)


def trusting(pki: Path, *identity: str) -> ssl.SSLContext:
    """How a caller connects: with the CA, and with a certificate where one is named."""
    context = ssl.create_default_context(cafile=str(pki / "ca.crt"))
    if identity:
        certificate, key = (pki / name for name in identity)
        context.load_cert_chain(certificate, key)
    return context


async def test_the_application_learns_the_verified_name(address: str, pki: Path) -> None:
    async with httpx.AsyncClient(verify=trusting(pki, "alice.crt", "alice.key"), trust_env=False) as http:
        for _ in range(2):
            caller = (await http.get(f"{address}/caller")).json()
            assert caller["client_cert_name"] == "CN=alice,O=night shift,O=developers"
            assert caller["client_cert_chain"][0].startswith("-----BEGIN CERTIFICATE-----")
            assert (caller["scheme"], caller["tls_version"]) == ("https", 0x0304)


async def test_a_certificate_is_optional(address: str, pki: Path) -> None:
    async with httpx.AsyncClient(verify=trusting(pki), trust_env=False) as http:
        caller = (await http.get(f"{address}/caller")).json()
    assert (caller["client_cert_name"], caller["client_cert_chain"]) == (None, [])


async def test_a_certificate_of_another_ca_ends_the_handshake(address: str, pki: Path) -> None:
    foreign = trusting(pki, "foreign/mallory.crt", "foreign/mallory.key")
    async with httpx.AsyncClient(verify=foreign, trust_env=False) as http:
        with pytest.raises(httpx.TransportError):
            await http.get(f"{address}/caller")


async def test_plain_http_is_not_answered(address: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        with pytest.raises(httpx.TransportError):
            await http.get(f"{address.replace('https', 'http')}/caller")


async def test_rok_verifies_the_api(address: str, pki: Path) -> None:
    rok = Rok(address, "tests")
    trusted = await asyncio.to_thread(rok, "version", "--api-ca-file", str(pki / "ca.crt"))
    assert "Server: 2." in trusted.ok().out
    by_variable = await asyncio.to_thread(rok, "version", ROK_CA_FILE=str(pki / "ca.crt"))
    assert "Server: 2." in by_variable.ok().out
    refused = await asyncio.to_thread(rok, "version")
    assert refused.code != 0
    assert "is not trusted" in refused.err
    assert "--api-ca-file" in refused.err


@pytest.mark.parametrize(
    ("host", "refused"),
    [("0.0.0.0", True), ("::", True), ("192.0.2.1", True), ("", True), ("127.0.0.1", False)],
)
def test_plain_http_off_loopback_is_refused(settings: Settings, host: str, refused: bool) -> None:
    plain = settings.model_copy(update={"api_host": host})
    if refused:
        with pytest.raises(KrakeError, match="plain text") as caught:
            server_context(plain)
        assert "KRAKE_API_TLS_CERT" in caught.value.fix
        assert "KRAKE_API_INSECURE" in caught.value.fix
    assert server_context(plain.model_copy(update={"api_insecure": refused})) is None


def test_files_that_do_not_fit_are_named(encrypted: Settings, pki: Path) -> None:
    for change, word in (
        ({"api_tls_cert": pki / "missing"}, "missing"),
        ({"api_tls_key": pki / "alice.key"}, "no pair"),
        ({"api_tls_client_ca": pki / "api.key"}, "no CA certificates"),
        ({"api_tls_cert": None, "api_host": "127.0.0.1"}, "has no certificate"),
    ):
        with pytest.raises(KrakeError, match=word):
            server_context(encrypted.model_copy(update=change))

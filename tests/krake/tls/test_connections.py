"""Connections to PostgreSQL and Temporal: encrypted, verified, and explained where that fails."""

from __future__ import annotations

import asyncio
import ssl
from asyncio import StreamReader, StreamWriter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from krake.errors import KrakeError
from krake.secrets import Cipher, new_key
from krake.settings import Settings
from krake.store import Store, Unavailable, migrate
from krake.temporal import connect
from krake.tls.postgres import postgres_tls
from krake.tls.temporal import temporal_tls
from tests.support.postgres import PostgresServer
from tests.support.servers import temporal_server
from tests.support.store import add
from tests.support.tls_proxy import server_context, tls_proxy


def parameters(pki: Path, mode: str, *, client: bool = False, ca: str = "ca.crt") -> str:
    """The end of a database URL."""
    identity = f"&sslcert={pki / 'alice.crt'}&sslkey={pki / 'alice.key'}" if client else ""
    return f"?sslmode={mode}&sslrootcert={pki / ca}{identity}"


async def test_the_store_over_tls(postgres_server: PostgresServer, pki: Path) -> None:
    database = postgres_server.new_database().partition("@/")[2].partition("?")[0]

    async def upstream() -> tuple[StreamReader, StreamWriter]:
        return await asyncio.open_unix_connection(postgres_server.socket_folder / ".s.PGSQL.5432")

    async with tls_proxy(server_context(pki, client_ca=True), upstream, postgres=True) as port:
        base = f"postgresql+asyncpg://krake@localhost:{port}/{database}"
        verified = base + parameters(pki, "verify-full", client=True)
        await asyncio.to_thread(migrate.upgrade, verified)
        async with Store.open(verified, Cipher.from_keys([new_key()])) as store:
            await add(store, "echo")
            assert (await store.get("Application", "testing", "echo")).name == "echo"

        for wrong in (
            base + parameters(pki, "verify-full", client=True, ca="foreign/ca.crt"),
            base + parameters(pki, "verify-full"),
        ):
            with pytest.raises(Unavailable, match=r"PostgreSQL at localhost"):
                await asyncio.to_thread(migrate.check, wrong)


async def test_a_name_that_the_certificate_lacks_is_told(postgres_server: PostgresServer, pki: Path) -> None:
    async def upstream() -> tuple[StreamReader, StreamWriter]:
        return await asyncio.open_unix_connection(postgres_server.socket_folder / ".s.PGSQL.5432")

    async with tls_proxy(server_context(pki), upstream, postgres=True) as port:
        base = f"postgresql+asyncpg://krake@127.0.0.2:{port}/postgres"
        with pytest.raises(Unavailable) as caught:
            await asyncio.to_thread(migrate.check, base + parameters(pki, "verify-full"))
        assert "sslrootcert" in caught.value.fix or "127.0.0.2" in caught.value.what


async def test_temporal_over_tls(tmp_path: Path, pki: Path) -> None:
    async with temporal_server(tmp_path / "temporal") as server:

        async def upstream() -> tuple[StreamReader, StreamWriter]:
            return await asyncio.open_connection("127.0.0.1", server.port)

        context = server_context(pki, client_ca=True)
        context.set_alpn_protocols(["h2"])
        async with tls_proxy(context, upstream) as port:
            plain = Settings(state_dir=tmp_path, temporal_address=f"localhost:{port}")
            files: dict[str, Any] = {
                "temporal_tls_ca": pki / "ca.crt",
                "temporal_tls_cert": pki / "alice.crt",
                "temporal_tls_key": pki / "alice.key",
            }
            client = await connect(plain.model_copy(update=files))
            assert await client.service_client.check_health()
            for refused in (plain, plain.model_copy(update={"temporal_tls_ca": pki / "ca.crt"})):
                with pytest.raises(KrakeError, match="Cannot reach Temporal"):
                    await connect(refused)


def test_the_url_says_how_postgres_is_encrypted(pki: Path) -> None:
    base = "postgresql+asyncpg://k:p@db/krake"
    url, options = postgres_tls(make_url(f"{base}?sslmode=require&application_name=x"))
    assert url.query == {"application_name": "x"}
    assert (options["ssl"].verify_mode, options["ssl"].check_hostname) == (ssl.CERT_NONE, False)
    for mode, checks in (("verify-ca", False), ("verify-full", True)):
        context = postgres_tls(make_url(base + parameters(pki, mode)))[1]["ssl"]
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, checks)
    implied = postgres_tls(make_url(f"{base}?sslrootcert={pki / 'ca.crt'}"))[1]["ssl"]
    assert implied.check_hostname
    assert postgres_tls(make_url(base)) == (make_url(base), {})
    assert postgres_tls(make_url(f"{base}?sslmode=prefer"))[1] == {"ssl": "prefer"}


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("sslmode=maybe", "unknown sslmode"),
        ("sslmode=verify-full&sslrootcert=/missing", "cannot be read"),
        ("sslmode=prefer&sslrootcert=/missing", "does not insist"),
    ],
)
def test_what_does_not_fit_is_explained(query: str, word: str) -> None:
    with pytest.raises(KrakeError, match=word) as caught:
        postgres_tls(make_url(f"postgresql+asyncpg://krake:hunter2@db/krake?{query}"))
    assert "hunter2" not in str(caught.value)


def test_half_an_identity_for_temporal_is_refused(pki: Path) -> None:
    with pytest.raises(KrakeError, match="incomplete"):
        temporal_tls(Settings(temporal_tls_cert=pki / "alice.crt"))
    assert temporal_tls(Settings()) is False
    named = temporal_tls(Settings(temporal_tls_server_name="temporal.example.org"))
    assert not isinstance(named, bool)
    assert named.domain == "temporal.example.org"

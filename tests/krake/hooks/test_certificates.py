"""Certificates of hooks: a server that asks for one takes them; they are renewed in time."""

from __future__ import annotations

import asyncio
import ssl
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from krake.errors import KrakeError
from krake.hooks.certificates import Authority, Issued, client_context, utc_now
from krake.settings import Settings
from tests.krake.hooks.authorities import Pair, signed

USER = "system:shutdown-hook"


@pytest.fixture(scope="module")
def root() -> Pair:
    """The root of everything."""
    return signed("root", None)


@pytest.fixture
def settings(root: Pair, tmp_path: Path) -> Settings:
    """Settings with an intermediate certificate and the root."""
    certificate, key = signed("intermediate", root).write(tmp_path, "intermediate")
    return Settings(
        state_dir=tmp_path,
        hook_intermediate_src=certificate,
        hook_intermediate_key_src=key,
        hook_client_ca=root.write(tmp_path, "root")[0],
    )


def authority_of(settings: Settings) -> Authority:
    """The authority that the settings describe."""
    found = Authority.load(settings)
    assert found is not None
    return found


async def shaken_hands(
    server: Pair, roots: Path, issued: Issued, bundle: str, folder: Path
) -> dict[str, Any]:
    """The subject that a real server, which trusts the root alone, sees after a real handshake."""
    seen: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.set_result(writer.get_extra_info("peercert"))
        writer.close()

    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(roots))
    serving.load_cert_chain(*server.write(folder, "server"))
    serving.verify_mode = ssl.CERT_REQUIRED
    calling = ssl.create_default_context(cadata=bundle)
    cert, key = folder / "cert.pem", folder / "key.pem"
    cert.write_text(issued.cert)
    key.write_text(issued.key)
    calling.load_cert_chain(cert, key)
    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=serving) as listener:
        port = listener.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=calling)
        await asyncio.wait_for(reader.read(), 10)
        writer.close()
        peer = await asyncio.wait_for(seen, 10)
    return {key: value for part in peer["subject"] for key, value in part}


@pytest.mark.parametrize("kind", ["ec", "rsa"])
async def test_a_server_that_trusts_the_root_takes_the_certificate(
    settings: Settings, root: Pair, tmp_path: Path, kind: str
) -> None:
    if kind == "rsa":
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        signed("intermediate", root, key=key).write(tmp_path, "intermediate")
    authority = authority_of(settings)
    issued = authority.issue(USER, utc_now())
    assert settings.hook_client_ca is not None
    server = signed("api", root, ca=False)
    subject = await shaken_hands(server, settings.hook_client_ca, issued, authority.bundle, tmp_path)
    assert subject == {"commonName": USER}


def test_a_certificate_that_ends_soon_is_replaced(settings: Settings, tmp_path: Path) -> None:
    far = signed("far", None, days=4000).write(tmp_path, "far")
    settings.hook_intermediate_src, settings.hook_intermediate_key_src = far
    authority, now = authority_of(settings), utc_now()
    issued = Issued.read(authority.issue(USER, now).stored())
    assert authority.still_good(issued, USER, now + timedelta(days=334))
    assert not authority.still_good(issued, USER, now + timedelta(days=336))
    assert not authority.still_good(issued, "somebody-else", now)
    other = signed("far", None, days=4000).write(tmp_path, "other")
    settings.hook_intermediate_src, settings.hook_intermediate_key_src = other
    assert not authority_of(settings).still_good(issued, USER, now)


def test_a_certificate_ends_no_later_than_its_issuer(settings: Settings, root: Pair, tmp_path: Path) -> None:
    """And is not issued anew at every apply just because the issuer itself ends soon."""
    signed("short", root, days=20).write(tmp_path, "intermediate")
    authority, now = authority_of(settings), utc_now()
    issued = authority.issue(USER, now)
    assert authority.still_good(issued, USER, now)
    assert not authority.still_good(issued, USER, now + timedelta(days=21))


def test_without_certificates_there_is_no_authority(tmp_path: Path) -> None:
    assert Authority.load(Settings(state_dir=tmp_path)) is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"hook_intermediate_key_src": None}, "belong together"),
        ({"hook_intermediate_src": Path("/nowhere.pem")}, "/nowhere.pem: No such file"),
        ({"hook_external_endpoint": "http://krake.example.org"}, "need https://"),
        ({"hook_intermediate_key_src": "root.key"}, "not the certificate's"),
        ({"hook_intermediate_key_src": "root.pem"}, "not a certificate and an unencrypted key"),
    ],
)
def test_what_cannot_work_is_told_when_the_worker_starts(
    settings: Settings, tmp_path: Path, change: dict[str, Any], why: str
) -> None:
    values = {
        name: tmp_path / value if isinstance(value, str) and value.startswith("root") else value
        for name, value in change.items()
    }
    with pytest.raises(KrakeError) as caught:
        Authority.load(settings.model_copy(update=values))
    assert why in caught.value.why
    assert "KRAKE_HOOK_INTERMEDIATE_SRC" in caught.value.fix


def test_a_file_without_certificates_is_told(settings: Settings) -> None:
    with pytest.raises(KrakeError, match="cannot be used"):
        client_context(settings.model_copy(update={"hook_client_ca": settings.hook_intermediate_key_src}))

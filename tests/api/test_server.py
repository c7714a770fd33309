"""The API as a process: `python -m api`."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from api.server import listen
from krake.store import migrate
from tests.api.conftest import NOWHERE
from tests.api.documents import APPLICATIONS, CLUSTERS, SECRETS, application, cluster
from tests.support.plain_http import plain_http
from tests.support.postgres import running_postgres
from tests.support.waiting import until

SECONDS = 60.0


def environment(folder: Path, port: int, **more: str) -> dict[str, str]:
    """The settings of an API process that works in the folder."""
    own = {key: value for key, value in os.environ.items() if not key.startswith("KRAKE_")}
    return own | {
        "KRAKE_STATE_DIR": str(folder),
        "KRAKE_API_PORT": str(port),
        "KRAKE_TEMPORAL_ADDRESS": NOWHERE,
        "KRAKE_LOG_FORMAT": "json",
        "KRAKE_AUTHENTICATION": "static",
        **more,
    }


def a_free_port() -> int:
    """A port that nobody listens on."""
    with listen("127.0.0.1", 0) as listener:
        return int(listener.getsockname()[1])


async def start(settings: dict[str, str]) -> asyncio.subprocess.Process:
    """The API process."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "api", env=settings, stderr=asyncio.subprocess.PIPE
    )


async def refusal(settings: dict[str, str]) -> list[str]:
    """What a process says that does not start."""
    process = await start(settings)
    try:
        _, errors = await asyncio.wait_for(process.communicate(), SECONDS)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 1
    return [line for line in errors.decode().splitlines() if not line.startswith("{")]


@asynccontextmanager
async def running(
    settings: dict[str, str],
) -> AsyncIterator[tuple[asyncio.subprocess.Process, httpx.AsyncClient]]:
    """A process that serves, and a client of it."""
    process = await start(settings)
    base_url = f"http://127.0.0.1:{settings['KRAKE_API_PORT']}"
    async with plain_http(base_url=base_url, timeout=SECONDS) as client:

        async def answers() -> bool:
            assert process.returncode is None
            try:
                return (await client.get("/healthz")).is_success
            except httpx.TransportError:
                return False

        try:
            await until("the API answers", answers, SECONDS)
            yield process, client
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def stop(process: asyncio.subprocess.Process) -> list[dict[str, object]]:
    """End the process as a supervisor does; its log."""
    process.send_signal(signal.SIGTERM)
    _, errors = await asyncio.wait_for(process.communicate(), SECONDS)
    return [json.loads(line) for line in errors.decode().splitlines()]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A state folder with a migrated database."""
    migrate.upgrade(f"sqlite+aiosqlite:///{tmp_path / 'krake.db'}")
    return tmp_path


async def test_port_that_is_taken(folder: Path) -> None:
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        assert await refusal(environment(folder, port)) == [
            f"Error: The API cannot listen on 127.0.0.1:{port}",
            "Address already in use",
            "Stop what uses the port, or choose another one: KRAKE_API_HOST, KRAKE_API_PORT",
        ]


async def test_database_that_is_not_migrated(tmp_path: Path) -> None:
    lines = await refusal(environment(tmp_path, a_free_port()))
    assert len(lines) <= 3
    assert lines[0] == "Error: The database has no tables yet"
    assert "krake db upgrade" in lines[-1]


async def test_setting_that_does_not_fit(folder: Path) -> None:
    lines = await refusal(environment(folder, a_free_port(), KRAKE_API_MAX_BODY_BYTES="many"))
    assert len(lines) == 3
    assert "api_max_body_bytes" in lines[1]


async def test_sigterm_ends_it_in_order_even_with_an_open_watch(folder: Path) -> None:
    async with running(environment(folder, a_free_port())) as (process, client):
        assert (await client.post(APPLICATIONS, json=application())).status_code == 201
        async with client.stream("GET", APPLICATIONS, params={"watch": "", "heartbeat": 0}) as watch:
            log = await stop(process)
            assert [line async for line in watch.aiter_lines()] == []
        assert process.returncode == 0
        assert log[-1]["event"] == "stopped"


async def test_one_line_of_log_for_a_request_and_no_secrets(folder: Path) -> None:
    async with running(environment(folder, a_free_port(), KRAKE_LOG_LEVEL="DEBUG")) as (process, client):
        await client.post(CLUSTERS, json=cluster(), headers={"X-Request-ID": "log-1"})
        await client.post(CLUSTERS, json=cluster(surprise=SECRETS[0]))
        log = await stop(process)
    (line,) = [entry for entry in log if entry.get("request_id") == "log-1"]
    assert line["event"] == "request"
    assert (line["process"], line["method"], line["path"], line["status"]) == ("api", "POST", CLUSTERS, 201)
    assert not [secret for secret in SECRETS if secret in json.dumps(log)]


async def test_database_that_goes_away(tmp_path: Path) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(running_postgres()).new_database()
        migrate.upgrade(url)
        async with running(environment(tmp_path, a_free_port(), KRAKE_DATABASE_URL=url)) as (_, client):
            assert (await client.get(APPLICATIONS)).status_code == 200
            stack.close()
            for answer in (
                await client.get(APPLICATIONS),
                await client.post(APPLICATIONS, json=application()),
            ):
                assert answer.status_code == 503
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.headers["retry-after"]
            assert "PostgreSQL" in (await client.get("/readyz")).json()["checks"]["store"]
            assert (await client.get("/metrics")).status_code == 200

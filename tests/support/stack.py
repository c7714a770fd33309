"""A whole Krake of real processes: Temporal, API and worker, each of which a test can kill and start again.

Nothing is started again by itself: what a test kills stays dead until it says otherwise.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from temporalio.client import Client

from krake.embedded import admin_token
from krake.embedded.binaries import TEMPORAL, ensure
from krake.embedded.part import PartSpec
from krake.embedded.plan import LOOPBACK, Plan, Ports
from krake.embedded.stable_ports import stable_ports
from krake.embedded.statedir import StateDir
from krake.keyfile import prepare_keys
from krake.launch import module_command
from krake.settings import Settings
from krake.store import Store
from krake.store.opening import open_store
from krake.temporal import connect
from tests.support.databases import make_tables
from tests.support.plain_http import plain_http
from tests.support.waiting import until

START_SECONDS = 120.0
STOP_SECONDS = 20.0

FAST = {
    "KRAKE_SWEEP_INTERVAL": "3",
    "KRAKE_METRICS_INTERVAL": "2",
    "KRAKE_OBSERVE_INTERVAL": "1",
    "KRAKE_CLUSTER_TIMEOUT": "2",
    "KRAKE_OFFLINE_AFTER": "2",
    "KRAKE_CLOUD_INTERVAL": "10",
    "KRAKE_PROVISIONING_INTERVAL": "0.5",
    "KRAKE_AUTO_CLUSTER_RETENTION": "3",
    "KRAKE_OFFLINE_TOLERANCE": "10",
    "KRAKE_MIGRATION_COOL_DOWN": "2",
    "KRAKE_REBALANCE_MINIMUM_STAY": "1",
    "KRAKE_REBALANCE_DEBOUNCE": "0.5",
    "KRAKE_WORKER_GRACEFUL_SHUTDOWN": "2",
    "KRAKE_LOG_FORMAT": "json",
    "KRAKE_TOSCA_ALLOW_INTERNAL_URLS": "true",
    "KRAKE_TEMPORAL_ENCRYPTION": "true",
}
"""Settings that make the tests wait less, and encryption as on many machines; nothing else about the
processes differs from `krake up`."""
_KEPT = frozenset({"KRAKE_BIN", "KRAKE_CACHE"})


class StackPart:
    """One process of the stack."""

    def __init__(self, spec: PartSpec) -> None:
        self.spec = spec
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What all its lives have written."""
        return self.spec.log

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    async def start(self, environment: Mapping[str, str] | None = None) -> None:
        """Start it and wait until it is ready; `environment` replaces settings for this life only."""
        self.launch(environment)
        await self.ready()

    def launch(self, environment: Mapping[str, str] | None = None) -> None:
        """Start it and do not wait."""
        assert not self.running, f"{self.spec.name} runs already"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                # It ends with the test run, however that ends.
                [*module_command("krake.embedded.child", str(os.getpid())), *self.spec.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.spec.environment, **(environment or {})},
                cwd=self.log.parent,
                start_new_session=True,
            )

    async def ready(self) -> None:
        """Wait until it answers."""

        async def answers() -> bool:
            assert self.running, f"{self.spec.name} ended:\n{self.log.read_text()[-3000:]}"
            return await self.spec.probe()

        await until(f"{self.spec.name} is ready", answers, START_SECONDS)

    def kill(self) -> None:
        """`kill -9`: it can do nothing about it."""
        assert self._process and self.running, f"{self.spec.name} does not run"
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    async def stop(self) -> None:
        """Ask it to end, and kill it when it does not."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            await asyncio.to_thread(self._process.wait, STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()


class Krake:
    """Where a running stack answers, and its parts."""

    def __init__(self, plan: Plan, settings: Settings, temporal: Path) -> None:
        self.settings = settings
        self.url = plan.addresses()["API"]
        self.temporal = StackPart(plan.temporal(temporal))
        self.worker = StackPart(plan.worker())
        self.api = StackPart(plan.api())
        self._client: Client | None = None

    @property
    def token_file(self) -> Path:
        """The file with the administrator's token, as `krake up` makes it."""
        return self.settings.state_dir / admin_token.FILE

    def http(self, path: str = "", timeout: float = 5) -> httpx.AsyncClient:
        """A client of the API, or of what is below a path, that shows the administrator's token."""
        headers = {"Authorization": f"Bearer {admin_token.read_token(self.token_file)}"}
        base = self.url + path
        return plain_http(base_url=base, timeout=timeout, headers=headers)

    @property
    def parts(self) -> tuple[StackPart, ...]:
        """All parts in the order in which they are started."""
        return self.temporal, self.worker, self.api

    @property
    def client(self) -> Client:
        """A connection to Temporal; it survives a restart of the server."""
        assert self._client
        return self._client

    def store(self) -> Store:
        """The store that all parts work on, to be entered as a context."""
        return open_store(self.settings)

    async def up(self) -> None:
        """Start what does not run, and wait until everything is ready."""
        if not self.temporal.running:
            await self.temporal.start()
        self._client = self._client or await connect(self.settings)
        late = [part for part in (self.worker, self.api) if not part.running]
        await asyncio.gather(*(part.start() for part in late))

    async def down(self) -> None:
        """Stop everything, new work first and the engine last."""
        for part in reversed(self.parts):
            await part.stop()


@asynccontextmanager
async def running_krake(folder: Path, settings: Mapping[str, str] | None = None) -> AsyncIterator[Krake]:
    """A stack with its state in a folder, on ports of its own; everything is stopped afterwards.

    Args:
        folder: holds databases, key and logs.
        settings: environment variables beyond `FAST`.
    """
    program = (await asyncio.to_thread(ensure, [TEMPORAL]))[TEMPORAL.name]
    krake = _planned(folder, program, {**FAST, **(settings or {})})
    await admin_token.ensure_admin_token(krake.settings)
    try:
        await krake.up()
        yield krake
    finally:
        await krake.down()


def _planned(folder: Path, temporal: Path, environment: Mapping[str, str]) -> Krake:
    state = StateDir(folder)
    state.prepare()
    with pytest.MonkeyPatch.context() as surroundings:
        for name in [name for name in os.environ if name.startswith("KRAKE_") and name not in _KEPT]:
            surroundings.delenv(name)
        for name, value in environment.items():
            surroundings.setenv(name, value)
        plan = Plan(state, LOOPBACK, Ports(*stable_ports(5)))
        settings = plan.settings()
        prepare_keys(settings)
        make_tables(settings.store_url)
        return Krake(plan, settings, temporal)

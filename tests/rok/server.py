"""A real API process for the CLI to talk to, and a stand-in for the lifecycle that would follow its writes.

No worker and no Temporal run here: what they would write, tests write through the store, so that they decide
when an application gets ready. The whole path is shown by the end-to-end tests and `make demo`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import URLError

from krake.embedded.ports import free_port
from krake.keyfile import prepare_keys
from krake.launch import environment, module_command
from krake.setting_groups.api import AuthenticationWay
from krake.settings import Settings
from krake.store import NewEvent, Record, Store
from krake.store.opening import open_store
from tests.support.databases import make_tables

NO_TEMPORAL = "127.0.0.1:1"
START_SECONDS = 120.0


class ApiProcess:
    """An API server with its own SQLite store in a folder; it can be killed and started again."""

    def __init__(
        self, folder: Path, ways: Sequence[AuthenticationWay] = (AuthenticationWay.STATIC,), **more: Any
    ) -> None:
        port = free_port("127.0.0.1")
        self.settings = Settings(
            state_dir=folder, api_port=port, temporal_address=NO_TEMPORAL, authentication=list(ways), **more
        )
        self.url = f"http://127.0.0.1:{port}"
        self._log = folder / "api.log"
        self._process: subprocess.Popen[bytes] | None = None
        prepare_keys(self.settings)
        make_tables(self.settings.store_url)

    def start(self) -> None:
        """Start the server and return when it answers."""
        variables = {**os.environ, **environment(self.settings)}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(module_command("api"), env=variables, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < deadline, "the API does not answer"
            time.sleep(0.05)

    def kill(self) -> None:
        """End the server at once, as a crash would."""
        if self._process:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def open_store(self) -> Store:
        """The store that the server works on."""
        return open_store(self.settings)

    def _answers(self) -> bool:
        with suppress(URLError, OSError), urllib.request.urlopen(f"{self.url}/healthz", timeout=1) as answer:
            return bool(answer.status == 200)
        return False


class Lifecycle:
    """Writes to the store what Krake's workflows would."""

    def __init__(self, store: Store, namespace: str) -> None:
        self._store = store
        self._namespace = namespace

    async def write(self, kind: str, name: str, **status: Any) -> None:
        """Write a status; a state is one of the newest generation unless something else is said."""
        async with self._store.transaction() as transaction:
            record = await transaction.get(kind, self._namespace, name)
            await transaction.write_status(record, {"observed_generation": record.generation, **status})

    async def observe(self, kind: str, name: str, **observation: Any) -> None:
        """Write what an observer would."""
        async with self._store.transaction() as transaction:
            record = await transaction.get(kind, self._namespace, name)
            await transaction.write_observation(record, observation)

    async def remove(self, kind: str, name: str) -> None:
        """Remove the resource, as at the end of a deletion."""
        async with self._store.transaction() as transaction:
            record = await transaction.get(kind, self._namespace, name)
            await transaction.remove(record, NewEvent("Deleted"))

    async def find(self, kind: str, name: str) -> Record | None:
        """The resource as it is stored."""
        return await self._store.find(kind, self._namespace, name)

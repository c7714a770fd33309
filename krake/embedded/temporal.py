"""Temporal's development server with a database file, tuned for many small workflows on one machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from krake.embedded.ports import Port, require_free
from krake.embedded.process import ManagedProcess, wait_until

SEARCH_ATTRIBUTES = ("KrakeKind", "KrakeNamespace", "KrakeName", "KrakeOperation", "KrakeCluster")

# Stock values make every hop between tasks wait ~100 ms and throttle listing workflows: these are for a
# server that one machine has for itself.
DYNAMIC_CONFIG = {
    "history.transferProcessorMaxPollRPS": 1000,
    "history.timerProcessorMaxPollRPS": 1000,
    "history.visibilityProcessorMaxPollRPS": 1000,
    "frontend.rps": 20_000,
    "frontend.namespaceRPS": 20_000,
    "frontend.namespaceRPS.visibility": 2_000,
    "frontend.namespaceCount": 20_000,
    "frontend.persistenceMaxQPS": 100_000,
    "history.rps": 50_000,
    "history.persistenceMaxQPS": 100_000,
    "matching.rps": 50_000,
    "matching.persistenceMaxQPS": 100_000,
    "matching.numTaskqueueReadPartitions": 1,
    "matching.numTaskqueueWritePartitions": 1,
}
# The write-ahead log survives the kill of the process without a disk flush for every transaction.
PRAGMAS = {"journal_mode": "wal", "synchronous": "normal"}


@dataclass(frozen=True)
class TemporalServer:
    """Where one development server listens and keeps its state."""

    directory: Path
    port: int
    ui_port: int | None = None
    """None for no web pages."""
    host: str = "127.0.0.1"
    metrics_port: int | None = None
    """None for any free one."""
    codec_endpoint: str = ""
    """URL at which the web pages have payloads decrypted; empty for none."""

    @property
    def address(self) -> str:
        """`host:port` of the frontend."""
        return f"{self.host}:{self.port}"

    @property
    def process(self) -> ManagedProcess:
        """The server's process, running or not."""
        return ManagedProcess("Temporal", self.directory / "temporal.pid", self.directory / "temporal.log")

    def command(self, program: Path) -> list[str]:
        """The command line that runs the server with the program `temporal`."""
        database = self.directory.absolute() / "temporal.db"
        line = [str(program), "server", "start-dev", "--db-filename", str(database), "--namespace", "default"]
        line += ["--ip", self.host, "--port", str(self.port), "--log-format", "json", "--log-level", "warn"]
        line += ["--headless"] if self.ui_port is None else ["--ui-port", str(self.ui_port)]
        line += ["--ui-codec-endpoint", self.codec_endpoint] if self.codec_endpoint else []
        line += [] if self.metrics_port is None else ["--metrics-port", str(self.metrics_port)]
        line += [f"--dynamic-config-value={key}={value}" for key, value in DYNAMIC_CONFIG.items()]
        line += [f"--sqlite-pragma={key}={value}" for key, value in PRAGMAS.items()]
        return line + [f"--search-attribute={name}=Keyword" for name in SEARCH_ATTRIBUTES]

    async def start(self, program: Path, *, seconds: float = 30) -> None:
        """Starts the server, or takes the one that runs, and waits until it answers.

        Raises:
            KrakeError: the port is taken, or it ends, or does not answer within `seconds`.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        if self.process.find() is None:
            require_free([Port("Temporal", self.host, self.port, "--temporal-port")])
            self.process.start(self.command(program))
        await self.wait_ready(seconds=seconds)

    async def wait_ready(self, *, seconds: float = 30) -> None:
        """Waits until the running server serves its namespace.

        Raises:
            KrakeError: it ends, or does not answer within `seconds`.
        """
        await wait_until("Temporal was ready", self.answers, [self.process], seconds=seconds)

    async def answers(self) -> bool:
        """Whether a server serves the namespace at this address now."""
        # Loading the SDK takes most of a second, which no other command should pay.
        from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
        from temporalio.client import Client
        from temporalio.service import RPCError

        try:
            client = await Client.connect(self.address)
            await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace="default"))
        except (RPCError, RuntimeError):
            return False
        return True

    async def stop(self, *, grace: float = 10) -> None:
        """Stops the server; the state stays."""
        await self.process.stop(grace)

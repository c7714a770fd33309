"""What `krake up` is to start: the parts, their ports, their environment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from krake.embedded import admin_token
from krake.embedded.part import PartSpec
from krake.embedded.ports import Port, free_port, require_free
from krake.embedded.probes import http_ready
from krake.embedded.statedir import StateDir
from krake.embedded.temporal import TemporalServer
from krake.launch import environment, module_command
from krake.settings import CODEC_PATH, Settings, load_settings
from krake.tls.exposure import is_loopback
from krake.tls.server import server_context

LOOPBACK = "127.0.0.1"
_GRACE = 10.0


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one `krake up`; 0 takes any free one."""

    api: int
    temporal: int
    ui: int
    metrics: int
    client_metrics: int

    def resolved(self, host: str) -> Ports:
        """The same with a free port for each 0."""
        return Ports(
            api=self.api or free_port(host),
            temporal=self.temporal or free_port(LOOPBACK),
            ui=self.ui or free_port(host),
            metrics=self.metrics or free_port(LOOPBACK),
            client_metrics=self.client_metrics or free_port(LOOPBACK),
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """One `krake up`. `host` is for the API, and where plain text is allowed for the Temporal UI; the rest
    listens on this machine only."""

    folder: StateDir
    host: str
    ports: Ports
    insecure: bool = False
    """Whether plain HTTP may be heard by others, as the setting `api_insecure`."""

    def check_encryption(self) -> None:
        """Raises: KrakeError: TLS files do not fit, or plain HTTP would be heard by others."""
        server_context(self.settings())

    def check_ports(self) -> None:
        """Raises: KrakeError: a port cannot be had."""
        ports = self.ports
        require_free(
            [
                Port("the API", self.host, ports.api, "--api-port"),
                Port("the Temporal UI", self._ui_host, ports.ui, "--ui-port"),
                Port("Temporal", LOOPBACK, ports.temporal, "--temporal-port"),
                Port("the worker's metrics", LOOPBACK, ports.metrics, "--metrics-port"),
                Port(
                    "the Temporal client's metrics", LOOPBACK, ports.client_metrics, "--client-metrics-port"
                ),
            ]
        )

    def addresses(self) -> dict[str, str]:
        """Where people find things, by name."""
        found = {
            "API": self.url,
            "OpenAPI": f"{self.url}/docs",
            "Temporal UI": f"http://{_reachable(self._ui_host)}:{self.ports.ui}",
            "Temporal": f"{LOOPBACK}:{self.ports.temporal}",
            "Logs": str(self.folder.logs),
        }
        return found | ({"Admin token": str(path)} if (path := self.token_file) else {})

    @property
    def token_file(self) -> Path | None:
        """The file with the administrator's token; None where the settings take no tokens."""
        return admin_token.token_file(load_settings(state_dir=self.folder.path))

    @property
    def url(self) -> str:
        """Where this machine's clients reach the API."""
        return f"{self._scheme}://{_reachable(self.host)}:{self.ports.api}"

    def settings(self) -> Settings:
        """The settings of all parts: the operator's, with this start's state folder and addresses."""
        return load_settings(
            state_dir=self.folder.path,
            temporal_address=f"{LOOPBACK}:{self.ports.temporal}",
            temporal_ui_url=self.addresses()["Temporal UI"],
            api_host=self.host,
            api_port=self.ports.api,
            api_insecure=self.insecure or None,
            temporal_encryption=self._encrypts,
            worker_metrics_host=LOOPBACK,
            worker_metrics_port=self.ports.metrics,
            worker_temporal_metrics_port=self.ports.client_metrics,
        )

    def temporal(self, program: Path) -> PartSpec:
        """Temporal's development server."""
        codec = f"{self.addresses()['API']}{CODEC_PATH}" if self._encrypts else ""
        server = TemporalServer(self.folder.path, self.ports.temporal, self.ports.ui, codec_endpoint=codec)
        return PartSpec(
            name="temporal",
            command=[*server.command(program), "--ui-ip", self._ui_host],
            environment={},
            address=server.address,
            probe=server.answers,
            grace=_GRACE,
            log=self.folder.log("temporal"),
        )

    def worker(self) -> PartSpec:
        """The worker."""
        settings = self.settings()
        metrics = f"http://{LOOPBACK}:{self.ports.metrics}/metrics"
        return PartSpec(
            name="worker",
            command=module_command("worker"),
            environment=environment(settings),
            address=metrics,
            probe=http_ready(metrics),
            grace=settings.worker_graceful_shutdown + _GRACE,
            log=self.folder.log("worker"),
        )

    def api(self) -> PartSpec:
        """The API server."""
        address = self.url
        return PartSpec(
            name="api",
            command=module_command("api"),
            environment=environment(self.settings()),
            address=address,
            probe=http_ready(f"{address}/readyz"),
            grace=_GRACE,
            log=self.folder.log("api"),
        )

    @property
    def _encrypts(self) -> bool:
        """Whether payloads are encrypted: the Temporal UI then shows them to browsers that were let in."""
        return load_settings().encrypts_payloads

    @property
    def _scheme(self) -> str:
        return "https" if load_settings().api_tls_cert else "http"

    @property
    def _ui_host(self) -> str:
        """The UI speaks plain HTTP and knows no users: others reach it only where the operator insists."""
        insists = self.insecure or load_settings().api_insecure
        return self.host if insists or is_loopback(self.host) else LOOPBACK


def _reachable(host: str) -> str:
    """The host as this machine's clients reach it."""
    if host in ("0.0.0.0", "::", ""):
        return LOOPBACK
    return f"[{host}]" if ":" in host else host

"""A small OpenStack of real services as processes on free ports, stopped by their ids."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from getpass import getuser
from grp import getgrgid
from pathlib import Path

import httpx

from tests.openstack_full.binding import offer
from tests.openstack_full.configuration import DATABASES, PASSWORD, REGION, Configuration, Ports

SERVE = Path(__file__).with_name("serve.py")
RABBIT = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
SECONDS = 120.0
HELP = (
    "RabbitMQ, MariaDB and Erlang's epmd are needed: "
    "apt-get install --no-install-recommends rabbitmq-server mariadb-server"
)


def missing_programs() -> list[str]:
    """What has to be installed before."""
    found = {name: shutil.which(name) for name in ("mariadbd", "mariadb-install-db", "mariadb", "epmd")}
    missing = [name for name, path in found.items() if path is None]
    return missing if RABBIT.exists() else [*missing, str(RABBIT)]


class OpenStackCloud:
    """Keystone, Glance, Placement, Neutron and Nova with its fake hypervisor."""

    def __init__(self, folder: Path, environment: Path) -> None:
        self.folder = folder
        self.configuration = Configuration(folder, environment, Ports.free())
        self._bin = environment / "bin"
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        etc = str(self.configuration.etc)
        self._variables = {
            **os.environ,
            "PYTHONWARNINGS": "ignore",
            "PYTHONPATH": str(folder / "drivers"),
            "OS_KEYSTONE_CONFIG_FILES": f"{etc}/keystone.conf",
            "OS_PLACEMENT_CONFIG_DIR": etc,
            "OS_GLANCE_CONFIG_DIR": etc,
            "OS_NEUTRON_CONFIG_DIR": etc,
            "OS_NEUTRON_CONFIG_FILES": "neutron.conf",
            "OS_NOVA_CONFIG_DIR": etc,
            "OS_NOVA_CONFIG_FILES": "api-paste.ini;nova.conf",
        }

    def start(self) -> None:
        """From nothing to an OpenStack that answers, but for what `setup` makes."""
        self.configuration.write()
        offer(self.folder / "drivers")
        self._start_rabbit()
        self._start_mariadb()
        steps = (self._keystone, self._glance, self._nova, self._rest)
        with ThreadPoolExecutor() as pool:
            for done in [pool.submit(step) for step in steps]:
                done.result()
        ports = self.configuration.ports
        self._serve("keystone", "keystone.wsgi.api", ports.keystone)
        self._answers(ports.keystone)

    def start_services(self) -> None:
        """Start what needs the users that Keystone knows by now."""
        ports, nova = self.configuration.ports, self._file("nova")
        self._listens(ports.rabbit)
        self._serve("glance", "glance.wsgi.api", ports.glance)
        self._serve("placement", "placement.wsgi.api", ports.placement)
        self._serve("neutron", "neutron.wsgi.api", ports.neutron)
        self._answers(ports.placement)
        self._answers(ports.neutron)
        for part in ("nova-conductor", "nova-scheduler", "nova-compute"):
            self._spawn(part, [str(self._bin / part), "--config-file", nova])
        self._serve("nova-api", "nova.wsgi.osapi_compute", ports.nova)
        self._answers(ports.nova)
        self._answers(ports.glance)
        self._discover()

    def stop(self) -> None:
        """Stop all of them, in the opposite order."""
        for process in reversed(self._processes.values()):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def log(self, part: str) -> str:
        """The end of what a part wrote."""
        return (self.folder / "logs" / f"{part}.log").read_text(errors="replace")[-3000:]

    def _file(self, name: str) -> str:
        return str(self.configuration.etc / f"{name}.conf")

    def _spawn(self, part: str, command: list[str], **variables: str) -> None:
        with (self.folder / "logs" / f"{part}.log").open("wb") as log:
            self._processes[part] = subprocess.Popen(
                command,
                env={**self._variables, **variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _serve(self, part: str, module: str, port: int) -> None:
        python = str(self._bin / "python")
        self._spawn(part, [python, "-W", "ignore", str(SERVE), part, module, str(port)])

    def _run(self, *command: str) -> str:
        done = subprocess.run(
            command, env=self._variables, capture_output=True, text=True, check=False, cwd=self.folder
        )
        assert done.returncode == 0, f"{command}: {(done.stdout + done.stderr)[-3000:]}"
        return done.stdout + done.stderr

    def _manage(self, program: str, name: str, *words: str) -> str:
        return self._run(str(self._bin / program), "--config-file", self._file(name), *words)

    def _start_rabbit(self) -> None:
        ports, etc = self.configuration.ports, self.configuration.etc
        epmd = {"ERL_EPMD_PORT": str(ports.epmd), "ERL_EPMD_ADDRESS": "127.0.0.1"}
        self._spawn("epmd", ["epmd", "-port", str(ports.epmd), "-address", "127.0.0.1"])
        self._listens(ports.epmd)
        self._spawn(
            "rabbitmq",
            [str(RABBIT)],
            RABBITMQ_CONFIG_FILE=str(etc / "rabbitmq"),
            RABBITMQ_MNESIA_BASE=str(self.folder / "rabbit"),
            RABBITMQ_LOG_BASE=str(self.folder / "logs"),
            RABBITMQ_NODENAME=f"krake{ports.rabbit}@localhost",
            RABBITMQ_DIST_PORT=str(ports.rabbit_distribution),
            RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}",
            RABBITMQ_ENABLED_PLUGINS_FILE=str(etc / "enabled_plugins"),
            HOME=str(self.folder / "rabbit"),
            **epmd,
        )

    def _start_mariadb(self) -> None:
        data, port = self.folder / "mariadb", self.configuration.ports.mariadb
        install = [f"--datadir={data}", "--auth-root-authentication-method=normal", "--skip-test-db"]
        self._run("mariadb-install-db", "--no-defaults", *install, f"--user={getuser()}")
        options = [
            f"--user={getuser()}",
            f"--datadir={data}",
            "--bind-address=127.0.0.1",
            f"--port={port}",
            f"--socket={data / 'socket'}",
            f"--pid-file={data / 'pid'}",
            "--innodb-buffer-pool-size=64M",
            "--innodb-flush-log-at-trx-commit=0",
            "--performance-schema=OFF",
            "--max-connections=400",
        ]
        self._spawn("mariadb", ["mariadbd", "--no-defaults", *options])
        self._listens(port)
        words = "; ".join(f"create database {name} character set utf8mb4" for name in DATABASES)
        self._run("mariadb", "--no-defaults", "-h127.0.0.1", f"-P{port}", "-uroot", "-e", words)

    def _keystone(self) -> None:
        owner = ("--keystone-user", getuser(), "--keystone-group", getgrgid(os.getgid()).gr_name)
        for keys in ("fernet", "credential"):
            self._manage("keystone-manage", "keystone", f"{keys}_setup", *owner)
        self._manage("keystone-manage", "keystone", "db_sync")
        words = ["--bootstrap-password", PASSWORD, "--bootstrap-region-id", REGION]
        for kind in ("admin", "public", "internal"):
            words += [f"--bootstrap-{kind}-url", self.configuration.keystone_url]
        self._manage("keystone-manage", "keystone", "bootstrap", *words)

    def _glance(self) -> None:
        self._manage("glance-manage", "glance-api", "db_sync")

    def _nova(self) -> None:
        cell0 = self.configuration.database("nova_cell0")
        self._manage("nova-manage", "nova", "api_db", "sync")
        self._manage("nova-manage", "nova", "cell_v2", "map_cell0", "--database_connection", cell0)
        self._manage("nova-manage", "nova", "cell_v2", "create_cell", "--name", "cell1")
        self._manage("nova-manage", "nova", "db", "sync")

    def _rest(self) -> None:
        self._manage("neutron-db-manage", "neutron", "upgrade", "heads")
        self._manage("placement-manage", "placement", "db", "sync")

    def _discover(self) -> None:
        """Until a compute host belongs to a cell, nothing is scheduled to it."""
        deadline = time.monotonic() + SECONDS
        while "fake-host" not in self._manage("nova-manage", "nova", "cell_v2", "list_hosts"):
            assert time.monotonic() < deadline, self.log("nova-compute")
            self._manage("nova-manage", "nova", "cell_v2", "discover_hosts")

    def _listens(self, port: int) -> None:
        self._wait(port, lambda: socket.create_connection(("127.0.0.1", port), 1).close())

    def _answers(self, port: int) -> None:
        self._wait(port, lambda: httpx.get(f"http://127.0.0.1:{port}/", timeout=20, trust_env=False))

    def _wait(self, port: int, attempt: object) -> None:
        assert callable(attempt)
        deadline = time.monotonic() + SECONDS
        while True:
            dead = [part for part, process in self._processes.items() if process.poll() is not None]
            assert not dead, f"{dead[0]} ended: {self.log(dead[0])}"
            try:
                attempt()
            except (OSError, httpx.TransportError):
                assert time.monotonic() < deadline, f"nothing at port {port} within {SECONDS:g} s"
                time.sleep(0.1)
            else:
                return

"""The configuration files of a small OpenStack on loopback."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from krake.embedded.ports import free_port

PASSWORD = "secret"
REGION = "RegionOne"
DATABASES = ("keystone", "glance", "nova_api", "nova_cell0", "nova", "neutron", "placement")

Sections = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Ports:
    """Where everything listens."""

    keystone: int
    glance: int
    placement: int
    neutron: int
    nova: int
    mariadb: int
    rabbit: int
    rabbit_distribution: int
    epmd: int

    @classmethod
    def free(cls) -> Ports:
        """Ports that nobody uses."""
        return cls(*(free_port("127.0.0.1") for _ in range(9)))


class Configuration:
    """Writes the files of one OpenStack.

    Args:
        folder: where its files and data go.
        environment: the Python environment that OpenStack is installed in.
        ports: where everything listens.
    """

    def __init__(self, folder: Path, environment: Path, ports: Ports) -> None:
        self.folder = folder
        self.etc = folder / "etc"
        self.ports = ports
        self._packaged = environment / "etc"
        self.keystone_url = f"http://127.0.0.1:{ports.keystone}/v3"
        self._queue = f"rabbit://guest:guest@127.0.0.1:{ports.rabbit}/"

    def database(self, name: str) -> str:
        """The URL of a database in MariaDB."""
        return f"mysql+pymysql://root@127.0.0.1:{self.ports.mariadb}/{name}?charset=utf8mb4"

    def catalog(self) -> Mapping[str, tuple[str, str]]:
        """Type and address of each service by its name."""
        base = "http://127.0.0.1"
        return {
            "placement": ("placement", f"{base}:{self.ports.placement}"),
            "glance": ("image", f"{base}:{self.ports.glance}"),
            "neutron": ("network", f"{base}:{self.ports.neutron}"),
            "nova": ("compute", f"{base}:{self.ports.nova}/v2.1"),
        }

    def write(self) -> None:
        """Write all of them."""
        for name in ("etc", "logs", "images", "staging", "tasks", "neutron", "nova", "lock", "rabbit"):
            (self.folder / name).mkdir()
        for name in ("fernet", "credential"):
            (self.folder / name).mkdir(mode=0o700)
        self._write("keystone", self._keystone())
        self._write("glance-api", self._glance())
        self._write("placement", self._placement())
        self._write("neutron", self._neutron())
        self._write("nova", self._nova())
        # Nova's API takes the first of its configuration files for that of its pipeline.
        shutil.copy(self._packaged / "nova" / "api-paste.ini", self.etc)
        (self.etc / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.ports.rabbit}\n"
            "loopback_users.guest = false\nvm_memory_high_watermark.absolute = 512MB\n"
        )
        (self.etc / "enabled_plugins").write_text("[].\n")

    def _write(self, name: str, sections: Sections) -> None:
        lines = []
        for section, options in sections.items():
            lines += [f"[{section}]", *(f"{option} = {value}" for option, value in options.items())]
        (self.etc / f"{name}.conf").write_text("\n".join(lines) + "\n")

    def _signed_in(self, service: str) -> dict[str, Any]:
        return {
            "auth_url": self.keystone_url,
            "auth_type": "password",
            "username": service,
            "password": PASSWORD,
            "project_name": "service",
            "user_domain_name": "Default",
            "project_domain_name": "Default",
            "region_name": REGION,
        }

    def _verifying(self, service: str) -> dict[str, Any]:
        roles = {"service_token_roles_required": "true", "service_token_roles": "service"}
        return {"www_authenticate_uri": self.keystone_url, **self._signed_in(service), **roles}

    def _keystone(self) -> Sections:
        folder = self.folder
        return {
            "database": {"connection": self.database("keystone")},
            "token": {"provider": "fernet"},
            "fernet_tokens": {"key_repository": folder / "fernet"},
            "fernet_receipts": {"key_repository": folder / "fernet"},
            "credential": {"key_repository": folder / "credential"},
            "identity": {"password_hash_rounds": 4},
            "cache": {"enabled": "true", "backend": "oslo_cache.dict"},
        }

    def _glance(self) -> Sections:
        folder = self.folder
        return {
            "DEFAULT": {"enabled_backends": "fs:file", "workers": 1},
            "oslo_messaging_notifications": {"driver": "noop"},
            "glance_store": {"default_backend": "fs"},
            "fs": {"filesystem_store_datadir": folder / "images"},
            "os_glance_staging_store": {"filesystem_store_datadir": folder / "staging"},
            "os_glance_tasks_store": {"filesystem_store_datadir": folder / "tasks"},
            "paste_deploy": {
                "flavor": "keystone",
                "config_file": self._packaged / "glance" / "glance-api-paste.ini",
            },
            "database": {"connection": self.database("glance")},
            "keystone_authtoken": self._verifying("glance"),
        }

    def _placement(self) -> Sections:
        return {
            "api": {"auth_strategy": "keystone"},
            "placement_database": {"connection": self.database("placement")},
            "keystone_authtoken": self._verifying("placement"),
        }

    def _neutron(self) -> Sections:
        return {
            "DEFAULT": {
                "state_path": self.folder / "neutron",
                "core_plugin": "ml2",
                # Without port_forwarding the router plugin stumbles over floating addresses.
                "service_plugins": "router,port_forwarding",
                "auth_strategy": "keystone",
                "transport_url": self._queue,
                "api_paste_config": self._packaged / "neutron" / "api-paste.ini",
                "api_workers": 1,
                "rpc_workers": 0,
            },
            "oslo_concurrency": {"lock_path": self.folder / "lock"},
            "oslo_messaging_notifications": {"driver": "noop"},
            "ml2": {
                "type_drivers": "local,flat",
                "tenant_network_types": "local",
                "mechanism_drivers": "bind_everything",
                "extension_drivers": "port_security",
            },
            "ml2_type_flat": {"flat_networks": "*"},
            "nova": self._signed_in("nova"),
            "placement": self._signed_in("placement"),
            "database": {"connection": self.database("neutron")},
            "keystone_authtoken": self._verifying("neutron"),
        }

    def _nova(self) -> Sections:
        return {
            "DEFAULT": {
                "host": "fake-host",
                "state_path": self.folder / "nova",
                "transport_url": self._queue,
                "compute_driver": "fake.FakeDriverWithoutFakeNodes",
                "vif_plugging_is_fatal": "false",
                "vif_plugging_timeout": 0,
                "osapi_compute_workers": 1,
            },
            "api": {"auth_strategy": "keystone"},
            "conductor": {"workers": 1},
            "scheduler": {"workers": 1, "discover_hosts_in_cells_interval": 2},
            "filter_scheduler": {"track_instance_changes": "false"},
            "oslo_messaging_notifications": {"driver": "noop"},
            "oslo_concurrency": {"lock_path": self.folder / "lock"},
            "glance": {"api_servers": self.catalog()["glance"][1]},
            "vnc": {"enabled": "false"},
            "service_user": {**self._signed_in("nova"), "send_service_user_token": "true"},
            "neutron": self._signed_in("neutron"),
            "placement": self._signed_in("placement"),
            "api_database": {"connection": self.database("nova_api")},
            "database": {"connection": self.database("nova")},
            "keystone_authtoken": self._verifying("nova"),
        }

"""What a new server does when it first boots: cloud-init's user data that installs k3s.

Whoever may read a server's user data (by Nova's default policy its administrators, and the server itself by
the metadata service) reads what is in here, so each role gets only what it needs: workers a token that joins
workers and nothing else, and only the first control plane node the authorities' keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from activities.openstack.k3s.authorities import ClusterSecrets

API_PORT = 6443
LONGEST = 65535
"""Bytes of user data, encoded in base64, that Nova accepts."""

_CONFIG = "/etc/rancher/k3s/config.yaml"
_TLS = "/var/lib/rancher/k3s/server/tls"
_INSTALLER = "/usr/local/sbin/krake-install-k3s"
METADATA_SERVICE = "169.254.169.254/32"

INSTALL = """\
#!/bin/sh
# krake-install-k3s ADDRESS RELEASE ROLE: fetches k3s's installer and has it install the release.
set -eu
umask 077
script=$(mktemp)
trap 'rm -f "$script"' EXIT

fetch() {
  if command -v curl >/dev/null 2>&1; then
    curl -fsSL --connect-timeout 10 --max-time 120 -o "$script" "$1"
  else
    wget -q -T 120 -O "$script" "$1"
  fi
}

attempts=60
until fetch "$1"; do
  attempts=$((attempts - 1))
  if [ "$attempts" -le 0 ]; then
    echo "krake: $1 cannot be fetched" >&2
    exit 1
  fi
  sleep 10
done
INSTALL_K3S_VERSION="$2" INSTALL_K3S_EXEC="$3" sh "$script"
"""


@dataclass(frozen=True, slots=True)
class File:
    """A file that is written before anything runs; only root reads it."""

    path: str
    content: str = field(repr=False)
    permissions: str = "0600"

    def document(self) -> dict[str, Any]:
        """As cloud-init wants it."""
        return {
            "path": self.path,
            "owner": "root:root",
            "permissions": self.permissions,
            "content": self.content,
        }


@dataclass(frozen=True, slots=True)
class UserData:
    """A cloud-config document."""

    files: Sequence[File]
    boot_commands: Sequence[Sequence[str]]
    """What runs at every boot."""
    commands: Sequence[Sequence[str]]
    """What runs once, at the end of the first boot."""

    def render(self) -> str:
        """The text that Nova hands to the server."""
        document = {
            "write_files": [file.document() for file in self.files],
            "bootcmd": [list(command) for command in self.boot_commands],
            "runcmd": [list(command) for command in self.commands],
        }
        return "#cloud-config\n" + yaml.safe_dump(document, sort_keys=False)


@dataclass(frozen=True, slots=True)
class Software:
    """What the nodes install, and from where."""

    release: str
    install_script: str


def api_url(address: str) -> str:
    """Where a control plane node's API is."""
    host = f"[{address}]" if ":" in address else address
    return f"https://{host}:{API_PORT}"


def first_server(
    node: str,
    secrets: ClusterSecrets,
    software: Software,
    *,
    addresses: Sequence[str],
    dedicated: bool,
    several: bool,
) -> UserData:
    """The control plane node that makes the cluster.

    Args:
        node: the node's name.
        secrets: the cluster's, all of which it gets.
        software: what it installs.
        addresses: where the API is reached, for its certificate.
        dedicated: whether ordinary Pods stay off it.
        several: whether further control plane nodes join it, which takes etcd in place of SQLite.
    """
    config = _server_config(node, secrets.server_token, secrets, addresses, dedicated)
    if several:
        config["cluster-init"] = True
    authorities = [File(f"{_TLS}/{name}", content) for name, content in secrets.files.items()]
    return _user_data(config, "server", software, authorities)


def further_server(
    node: str,
    secrets: ClusterSecrets,
    software: Software,
    *,
    addresses: Sequence[str],
    dedicated: bool,
    join: str,
) -> UserData:
    """A control plane node that joins the one at the address `join`."""
    config = _server_config(node, secrets.server_join_token, secrets, addresses, dedicated)
    config["server"] = api_url(join)
    return _user_data(config, "server", software)


def worker(node: str, secrets: ClusterSecrets, software: Software, *, join: str) -> UserData:
    """A worker that joins the control plane node at the address `join`."""
    config = {"node-name": node, "server": api_url(join), "token": secrets.agent_join_token}
    return _user_data(config, "agent", software)


def _server_config(
    node: str, token: str, secrets: ClusterSecrets, addresses: Sequence[str], dedicated: bool
) -> dict[str, Any]:
    config: dict[str, Any] = {
        "node-name": node,
        "token": token,
        "agent-token": secrets.agent_token,
        "tls-san": list(addresses),
        "write-kubeconfig-mode": "0600",
    }
    if dedicated:
        config["node-taint"] = ["node-role.kubernetes.io/control-plane=true:NoSchedule"]
    return config


def _user_data(config: dict[str, Any], role: str, software: Software, files: Sequence[File] = ()) -> UserData:
    config["node-label"] = ["krake/managed=true"]
    return UserData(
        files=[
            File(_CONFIG, yaml.safe_dump(config, sort_keys=False)),
            File(_INSTALLER, INSTALL, "0700"),
            *files,
        ],
        # Or every Pod could read this document, with its tokens, from the metadata service. At this point
        # cloud-init has read it already.
        boot_commands=[["ip", "route", "replace", "blackhole", METADATA_SERVICE]],
        commands=[[_INSTALLER, software.install_script, software.release, role]],
    )

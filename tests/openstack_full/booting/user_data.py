"""What a server boots from: Krake's cloud-config, read as cloud-init and k3s read it.

The paths are written out here as k3s documents them, and not taken from the provider that is tested.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import yaml

CONFIG = "/etc/rancher/k3s/config.yaml"
TLS = "/var/lib/rancher/k3s/server/tls/"
ROLES = ("server", "agent")
"""What k3s's installer makes of a machine."""


@dataclass(frozen=True)
class Boot:
    """What the first boot of a machine comes to."""

    role: str
    config: Mapping[str, Any]
    """k3s's configuration file."""
    tls: Mapping[str, str]
    """The content of the files below k3s's `server/tls`, by their names there."""

    @classmethod
    def read(cls, user_data: str) -> Boot:
        """Of what Nova hands to the server, in base64."""
        text = base64.b64decode(user_data).decode()
        assert text.startswith("#cloud-config\n"), "cloud-init takes it for something else"
        document = yaml.safe_load(text)
        files = {file["path"]: file["content"] for file in document["write_files"]}
        executable = [file["path"] for file in document["write_files"] if file["permissions"] == "0700"]
        ((program, _, _, role),) = document["runcmd"]
        assert program in executable and role in ROLES, document["runcmd"]
        tls = {path.removeprefix(TLS): content for path, content in files.items() if path.startswith(TLS)}
        return cls(role, yaml.safe_load(files[CONFIG]), tls)

    @property
    def node(self) -> str:
        """The name that its node is to have."""
        return str(self.config["node-name"])

    @property
    def first(self) -> bool:
        """Whether it makes the cluster, in place of joining it."""
        return self.role == "server" and "server" not in self.config

    @property
    def join(self) -> str:
        """The address of the server that it joins."""
        url = urlsplit(self.config["server"])
        assert url.scheme == "https" and url.port == 6443, url
        return str(url.hostname)

    @property
    def labels(self) -> dict[str, str]:
        """The labels that its node registers with."""
        return dict(label.split("=", 1) for label in self.config.get("node-label", ()))

    @property
    def taints(self) -> list[dict[str, str]]:
        """The taints that its node registers with."""
        return [_taint(text) for text in self.config.get("node-taint", ())]


def _taint(text: str) -> dict[str, str]:
    what, effect = text.rsplit(":", 1)
    key, _, value = what.partition("=")
    return {"key": key, "value": value, "effect": effect}

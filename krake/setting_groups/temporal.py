"""Where Temporal is, and what protects what is sent there."""

from __future__ import annotations

from pathlib import Path

from krake.setting_groups.base import SettingGroup


class TemporalSettings(SettingGroup):
    """Where Temporal is, and what protects what is sent there."""

    temporal_address: str = "127.0.0.1:7233"
    """`host:port` of Temporal's frontend."""
    temporal_namespace: str = "default"
    """Temporal namespace that holds Krake's workflows."""
    temporal_encryption: bool | None = None
    """Whether payloads are encrypted with the keys of the secrets; empty: yes."""
    temporal_tls: bool = False
    """Whether the connection to Temporal is encrypted; a file of `temporal_tls_…` switches it on, too."""
    temporal_tls_ca: Path | None = None
    """CA certificates (PEM) that Temporal is verified with; empty: those of the system."""
    temporal_tls_cert: Path | None = None
    """Client certificate (PEM) for Temporal."""
    temporal_tls_key: Path | None = None
    """Private key (PEM) of `temporal_tls_cert`."""
    temporal_tls_server_name: str = ""
    """Name that Temporal's certificate has to bear; empty: the host of `temporal_address`."""
    temporal_ui_url: str = "http://127.0.0.1:8233"
    """Where people open the Temporal UI; used in links only."""

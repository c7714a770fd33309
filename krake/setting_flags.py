"""The flags by which `krake config generate` takes each setting, with those of Krake 1.x's generator."""

from __future__ import annotations

from types import MappingProxyType

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from krake.settings import Settings

_FORMER = MappingProxyType(
    {
        "static_user": ("--static-authentication-username",),
        "problem_base_url": ("--docs-problem-base-url",),
        "hook_external_endpoint": ("--external-endpoint",),
        "observe_interval": ("--poll-interval",),
        "worker_max_activities": ("--worker-count",),
        "log_level": ("--logging-level",),
    }
)
"""Names that `krake_generate_config` had for settings that are called something else now."""

RETIRED = MappingProxyType(
    {
        "--etcd-version": "resources are kept in SQLite or PostgreSQL: --database-url",
        "--etcd-host": "resources are kept in SQLite or PostgreSQL: --database-url",
        "--etcd-port": "resources are kept in SQLite or PostgreSQL: --database-url",
        "--etcd-peer-port": "resources are kept in SQLite or PostgreSQL: --database-url",
        "--im-host": "an infrastructure provider is a resource with its own address",
        "--im-port": "an infrastructure provider is a resource with its own address",
        "--docker-daemon-mtu": "docker-compose.yml needs none",
        "--cluster-creation-tosca-file": "clusters are not made by themselves",
        "--cluster-creation-deletion-retention": "clusters are not made by themselves",
        "--logging-handler": "logs go to standard error, as --log-format says",
    }
)
"""Flags of `krake_generate_config` that have no setting any more, and what there is instead."""


def flags(name: str) -> tuple[str, ...]:
    """The flags of a setting, its own name first; none for a secret: others can read command lines."""
    if is_secret(Settings.model_fields[name]):
        return ()
    return (f"--{name.replace('_', '-')}", *_FORMER.get(name, ()))


def is_secret(field: FieldInfo) -> bool:
    """Whether the setting holds secrets."""
    return SecretStr.__name__ in str(field.annotation)

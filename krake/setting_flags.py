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
        "authorization": ("--authorization-mode",),
        "rebalance_debounce": ("--debounce",),
        "keystone_url": ("--keystone-authentication-endpoint",),
        "auto_cluster_tosca_file": ("--cluster-creation-tosca-file",),
        "auto_cluster_retention": ("--cluster-creation-deletion-retention",),
    }
)
"""Names that `krake_generate_config` had for settings that are called something else now."""

_STORE = "resources are kept in SQLite or PostgreSQL: --database-url"
_WAYS = "--authentication names the ways"
_ISSUER = "the setting oidc_issuer has the address and the realm: https://HOST/realms/REALM"
_TLS = "the settings api_tls_cert and api_tls_key switch it on"
_PROVIDER = "an infrastructure provider is a resource with its own address"

RETIRED = MappingProxyType(
    {
        "--tls-enabled": _TLS,
        "--cert-dir": _TLS,
        "--allow-anonymous": _WAYS,
        "--static-authentication-enabled": _WAYS,
        "--keystone-authentication-enabled": _WAYS,
        "--keycloak-authentication-enabled": _WAYS,
        "--keycloak-authentication-endpoint": _ISSUER,
        "--keycloak-authentication-realm": _ISSUER,
        "--cors-origin": "browsers are served by no other origin",
        "--etcd-version": _STORE,
        "--etcd-host": _STORE,
        "--etcd-port": _STORE,
        "--etcd-peer-port": _STORE,
        "--im-host": _PROVIDER,
        "--im-port": _PROVIDER,
        "--docker-daemon-mtu": "docker-compose.yml needs none",
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

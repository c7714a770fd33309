"""What the settings say about each hook, and the URL that an application calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from krake.models.hooks import HookName

if TYPE_CHECKING:
    from krake.settings import Settings


@dataclass(frozen=True, slots=True)
class HookOptions:
    """The settings of one hook."""

    user: str
    cert_dest: str
    env_token: str
    env_url: str


def options_of(settings: Settings, hook: HookName) -> HookOptions:
    """The settings of a hook."""
    if hook == HookName.COMPLETE:
        return HookOptions(
            settings.complete_hook_user,
            settings.complete_hook_cert_dest,
            settings.complete_hook_env_token,
            settings.complete_hook_env_url,
        )
    return HookOptions(
        settings.shutdown_hook_user,
        settings.shutdown_hook_cert_dest,
        settings.shutdown_hook_env_token,
        settings.shutdown_hook_env_url,
    )


def endpoint_of(settings: Settings, *, tls: bool) -> str:
    """The URL of the API as applications reach it, without a slash at its end."""
    if settings.hook_external_endpoint:
        return settings.hook_external_endpoint.rstrip("/")
    host = f"[{settings.api_host}]" if ":" in settings.api_host else settings.api_host
    encrypted = tls or settings.api_tls_cert is not None
    return f"{'https' if encrypted else 'http'}://{host}:{settings.api_port}"


def hook_url(endpoint: str, hook: HookName, namespace: str, name: str) -> str:
    """The URL that an application calls."""
    application = f"{quote(namespace, safe='')}/applications/{quote(name, safe='')}"
    return f"{endpoint}/kubernetes/namespaces/{application}/{hook}"

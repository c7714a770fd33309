"""How applications are asked, and how they answer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from krake.models.hooks import MAX_SHUTDOWN_RETRIES, ShutdownFailureStrategy
from krake.setting_groups.base import SettingGroup

EnvironmentName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")]
"""Name of an environment variable."""


class HookSettings(SettingGroup):
    """How applications are asked, and how they answer."""

    hook_external_endpoint: Annotated[str, Field(pattern=r"^$|^https?://[^/]")] = ""
    """URL of the API as applications reach it, for their hooks; empty is `api_host` and `api_port`."""
    hook_intermediate_src: Path | None = None
    """Certificate (PEM) that signs the client certificates of hooks; empty: hooks without TLS."""
    hook_intermediate_key_src: Path | None = None
    """Private key (PEM) of `hook_intermediate_src`."""
    hook_client_ca: Path | None = None
    """CA certificates (PEM) that applications verify the API, and Krake their shutdown services, with."""
    complete_hook_user: str = "system:complete-hook"
    """Who acts when an application calls its hook `complete`; the name in its client certificate."""
    complete_hook_cert_dest: str = "/etc/krake_complete_certs/"
    """Folder for the certificates of the hook `complete` in each container."""
    complete_hook_env_token: EnvironmentName = "KRAKE_COMPLETE_TOKEN"
    """Environment variable of containers with the token of the hook `complete`."""
    complete_hook_env_url: EnvironmentName = "KRAKE_COMPLETE_URL"
    """Environment variable of containers with the URL of the hook `complete`."""
    shutdown_hook_user: str = "system:shutdown-hook"
    """Who acts when an application calls its hook `shutdown`; the name in its client certificate."""
    shutdown_hook_cert_dest: str = "/etc/krake_shutdown_certs/"
    """Folder for the certificates of the hook `shutdown` in each container."""
    shutdown_hook_env_token: EnvironmentName = "KRAKE_SHUTDOWN_TOKEN"
    """Environment variable of containers with the token of the hook `shutdown`."""
    shutdown_hook_env_url: EnvironmentName = "KRAKE_SHUTDOWN_URL"
    """Environment variable of containers with the URL of the hook `shutdown`."""
    shutdown_hook_timeout: Annotated[int, Field(ge=1)] = 30
    """Seconds to confirm a shutdown where the application says nothing."""
    shutdown_hook_failure_strategy: ShutdownFailureStrategy = ShutdownFailureStrategy.GIVE_UP
    """`give_up` or `delete`, where an application that does not confirm its shutdown says nothing."""
    shutdown_hook_failure_retry_count: Annotated[int, Field(ge=0, le=MAX_SHUTDOWN_RETRIES)] = 0
    """Further requests to shut down where the application says nothing."""
    shutdown_hook_service: str = "shutdown"
    """Kubernetes Service through which an application is asked to shut down."""
    shutdown_hook_scheme: Literal["http", "https"] = "http"
    """`http` or `https`, of the request to shut down."""
    shutdown_hook_path: Annotated[str, Field(pattern="^/")] = "/shutdown"
    """Path of the request to shut down."""
    shutdown_hook_request_timeout: Annotated[float, Field(gt=0)] = 10.0
    """Seconds that the request to shut down may take."""

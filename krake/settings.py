"""Every setting of Krake's processes: environment variables `KRAKE_…`, a YAML file, and defaults."""

from __future__ import annotations

import json
import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_state_path
from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    YamlConfigSettingsSource,
)
from yaml import YAMLError

from krake.errors import KrakeError
from krake.identities import MASTERS
from krake.models.hooks import MAX_SHUTDOWN_RETRIES, ShutdownFailureStrategy

CONFIG_VARIABLE = "KRAKE_CONFIG"
CODEC_PATH = "/temporal/codec"
"""Where the API decrypts payloads for the Temporal UI."""

EnvironmentName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")]
"""Name of an environment variable."""


class AuthenticationWay(StrEnum):
    """How a request can prove who makes it, and what becomes of one that does not try."""

    TOKENS = "tokens"
    CERTIFICATES = "certificates"
    KEYSTONE = "keystone"
    OIDC = "oidc"
    STATIC = "static"
    ANONYMOUS = "anonymous"


SignatureAlgorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]
"""Signatures that an issuer's public key verifies. Shared secrets would let every verifier forge tokens."""


def _items(value: object) -> object:
    """A list from text: JSON, or items with commas between."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [item.strip() for item in value.split(",") if item.strip()]


Names = Annotated[list[str], NoDecode, BeforeValidator(_items)]
"""A list that may be written with commas."""


class Settings(BaseSettings):
    """Settings shared by the API, the workers and the operator's commands.

    A value is taken from the environment (`KRAKE_` and the field's name in capitals), else from the YAML
    file that `KRAKE_CONFIG` names, else it is the default.
    """

    model_config = SettingsConfigDict(
        env_prefix="KRAKE_", extra="forbid", use_attribute_docstrings=True, env_ignore_empty=True
    )

    state_dir: Path = Field(default_factory=lambda: user_state_path("krake"))
    """Folder of the embedded mode: databases, key, logs, sandboxes."""
    database_url: str = ""
    """Store: `sqlite+aiosqlite:///…` or `postgresql+asyncpg://…`; empty: SQLite in the state folder."""
    secret_keys: list[SecretStr] = Field(default_factory=list)
    """Keys that encrypt secrets at rest, newest first (a JSON list); empty uses the key file."""
    secret_key_file: Path | None = None
    """File with the keys, one a line, newest first; empty is `secret.key` in the state folder."""

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

    api_host: str = "127.0.0.1"
    """Address that the API listens on."""
    api_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """Port that the API listens on; 0 takes any free one."""
    api_max_body_bytes: Annotated[int, Field(gt=0)] = 2 * 1024 * 1024
    """Largest request body that is accepted."""
    api_rate_limit: Annotated[float, Field(ge=0)] = 200.0
    """Requests a second that one user may make of one API process in the long run; 0 for no limit."""
    api_rate_burst: Annotated[int, Field(ge=1)] = 1000
    """Requests that one user may make at once after a pause."""
    api_rate_limit_loopback: bool = False
    """Whether requests from the API's own machine count against the limit; needed behind a local proxy."""
    api_tls_cert: Path | None = None
    """Certificate (PEM, with its chain) that the API shows; set: HTTPS only, TLS 1.2 or newer."""
    api_tls_key: Path | None = None
    """Private key (PEM) of `api_tls_cert`; empty: it is in the same file."""
    api_tls_client_ca: Path | None = None
    """CA certificates (PEM) of callers: their client certificates are verified; empty: none is asked for."""
    api_insecure: bool = False
    """Whether plain HTTP may be served on addresses that others reach, as behind a proxy that ends TLS."""
    authentication: Annotated[list[AuthenticationWay], NoDecode, BeforeValidator(_items)] = Field(
        default=[AuthenticationWay.TOKENS], min_length=1
    )
    """How requests prove who makes them, several with commas between: `tokens` (`krake token create`),
    `certificates` (TLS client certificates), `keystone`, `oidc`; and who makes a request without a
    credential: `anonymous` (`system:anonymous`) or `static` (`static_user`), else nobody may."""
    static_user: str = "system:admin"
    """Who makes every request without a credential under `static` authentication."""
    static_groups: Names = [MASTERS]
    """The groups of `static_user`."""
    authorization: Literal["rbac", "always-allow", "always-deny"] = "rbac"
    """`rbac`: roles and role bindings say who may do what; the others are for tests."""
    api_metrics_open: bool = False
    """Whether `/metrics` of the API can be read without a credential."""
    authentication_ca: Path | None = None
    """CA certificates (PEM) that Keystone and the issuer are verified with; empty: the system's."""
    keystone_url: str = ""
    """Keystone's API with its version, such as `https://cloud.example.org:5000/v3`."""
    keystone_domain: str = "Default"
    """Name of the Keystone domain whose users are let in."""
    keystone_cache_seconds: Annotated[float, Field(ge=0, le=3600)] = 60.0
    """Seconds that Keystone's word on a token is used again; one that is revoked is good for that long."""
    oidc_issuer: str = ""
    """URL of the OpenID Connect issuer, exactly as in its tokens' claim `iss`."""
    oidc_audiences: Names = []
    """Accepted values of the claim `aud`, with commas between: the client ids that log in to Krake."""
    oidc_algorithms: Annotated[list[SignatureAlgorithm], NoDecode, BeforeValidator(_items)] = Field(
        default=["RS256", "PS256", "ES256", "EdDSA"], min_length=1
    )
    """Accepted signatures of tokens; asymmetric ones only."""
    oidc_username_claim: str = "preferred_username"
    """Claim with the user's name; a dot leads into an object."""
    oidc_username_prefix: str = ""
    """Put before every name that comes from the issuer."""
    oidc_groups_claim: str = "groups"
    """Claim with the names of the user's groups; a dot leads into an object, as in `realm_access.roles`."""
    oidc_groups_prefix: str = ""
    """Put before every group that comes from the issuer."""
    problem_base_url: str = "https://rak-n-rok.readthedocs.io/projects/krake/en/latest/user/problem.html"
    """Page that the `type` of problem documents points to."""

    worker_metrics_port: Annotated[int, Field(ge=0, le=65535)] = 9464
    """Port of the worker's Prometheus metrics on `worker_metrics_host`; 0 takes any free one."""
    worker_metrics_host: str = "127.0.0.1"
    """Address that the worker's metrics listen on."""
    worker_temporal_metrics_port: Annotated[int, Field(ge=0, le=65535)] = 9465
    """Port of the Temporal client's own metrics on `worker_metrics_host`; 0 takes any free one."""
    worker_max_activities: Annotated[int, Field(gt=0)] = 200
    """Activities that one worker runs at the same time."""
    worker_max_workflow_tasks: Annotated[int, Field(gt=0)] = 40
    """Workflow tasks that one worker runs at the same time."""
    worker_graceful_shutdown: Annotated[float, Field(ge=0)] = 10.0
    """Seconds that running activities get to finish when a worker is stopped."""

    readiness_timeout: Annotated[int, Field(ge=1)] = 300
    """Seconds that an application's objects may take to become ready where the application says nothing."""
    cluster_timeout: Annotated[float, Field(gt=0)] = 10.0
    """Seconds that one request to a cluster may take."""
    cluster_concurrency: Annotated[int, Field(gt=0)] = 32
    """Requests that one worker sends to one cluster at the same time."""
    openstack_clouds_file: Path | None = None
    """The operator's `clouds.yaml`, whose entries global clouds may name; empty: there is none."""
    cloud_timeout: Annotated[float, Field(gt=0, le=300)] = 30.0
    """Seconds that one request to a cloud may take."""
    cloud_interval: Annotated[float, Field(gt=0)] = 60.0
    """Seconds between two looks at every cloud and at the clusters that were made there."""
    credentials_renewal_days: Annotated[float, Field(ge=0)] = 14.0
    """Days before their end that the credentials of clusters that Krake made are renewed; 0 never does."""
    provisioning_interval: Annotated[float, Field(gt=0)] = 10.0
    """Seconds between two looks at a cluster that is being made, changed or removed; later up to 60."""
    provisioning_timeout: Annotated[float, Field(gt=0)] = 3600.0
    """Seconds that making or changing a cluster may take before it is given up."""
    auto_cluster_tosca_file: Path | None = None
    """TOSCA template of the clusters that are made for applications; empty: they are made of plain nodes."""
    auto_cluster_nodes: Annotated[int, Field(ge=1, le=1000)] = 1
    """Fewest worker nodes of a cluster that is made for applications."""
    auto_cluster_max_nodes: Annotated[int, Field(ge=1, le=1000)] = 10
    """Most worker nodes that such a cluster gets where the application needs more than the fewest."""
    auto_cluster_flavor: str = ""
    """Size of the nodes of such a cluster; empty leaves it to the infrastructure provider."""
    auto_cluster_image: str = ""
    """Image that the nodes of such a cluster boot; empty leaves it to the infrastructure provider."""
    auto_cluster_template: str = ""
    """Magnum's template of such a cluster; empty leaves it to the infrastructure provider."""
    auto_cluster_kubernetes_version: str = ""
    """Kubernetes version of such a cluster; empty leaves it to the infrastructure provider."""
    auto_cluster_timeout: Annotated[float, Field(gt=0)] = 1800.0
    """Seconds after which applications give up waiting for such a cluster, and it is removed."""
    auto_cluster_retry: Annotated[float, Field(gt=0)] = 300.0
    """Seconds before another attempt to make a cluster for an application."""
    auto_cluster_retention: Annotated[float, Field(ge=0)] = 600.0
    """Seconds that such a cluster is kept while no application needs it."""
    volume_copy_passes: Annotated[int, Field(ge=2)] = 10
    """Passes over an application's volumes in which its files have to be found equal on both clusters."""
    volume_copy_patience: Annotated[float, Field(gt=0)] = 900.0
    """Seconds without progress, over all attempts, after which the copying of volumes is given up."""
    observe_interval: Annotated[float, Field(gt=0)] = 10.0
    """Seconds between two confirmations that a cluster still answers."""
    offline_after: Annotated[int, Field(ge=1)] = 3
    """Failed confirmations in a row that make a cluster OFFLINE."""
    offline_tolerance: Annotated[float, Field(ge=0)] = 300.0
    """Seconds that a cluster may be OFFLINE before its applications move to others."""
    evacuation_per_minute: Annotated[float, Field(ge=0)] = 60.0
    """Applications a minute that start to move off a cluster that is OFFLINE; 0 lets them wait for it."""
    drain_parallelism: Annotated[int, Field(gt=0)] = 10
    """Applications that leave a drained or deleted cluster at the same time."""
    drain_attempts: Annotated[int, Field(gt=0)] = 5
    """Failed moves after which an application is let go from a cluster that is being deleted."""
    deletion_patience: Annotated[float, Field(ge=0)] = 300.0
    """Seconds that a deletion tries to remove objects before it records them as orphans."""
    stickiness: Annotated[float, Field(ge=0)] = 0.1
    """Weight in favour of the cluster that an application is on."""
    migration_cool_down: Annotated[float, Field(gt=0)] = 60.0
    """Seconds without automatic moves after one that failed; times the failures in a row."""
    metrics_interval: Annotated[float, Field(gt=0)] = 15.0
    """Seconds between two samples of the metrics that clusters are ranked by."""
    metric_max_age: Annotated[float, Field(gt=0)] = 45.0
    """Seconds after which the value of a metric is too old to decide on, where the metric says nothing."""
    reschedule_after: Annotated[float, Field(gt=0)] = 60.0
    """Seconds between two looks at all applications for those that should be placed or moved."""
    rebalance_debounce: Annotated[float, Field(ge=0)] = 2.0
    """Seconds from a change of clusters or metrics to that look: what changes meanwhile shares it."""
    rebalance_threshold: Annotated[float, Field(ge=0, le=1)] = 0.1
    """Part of its range by which a metric has to change between two samples to cause that look at once."""
    rebalance_margin: Annotated[float, Field(ge=0)] = 0.05
    """What an application has to gain by a move for a better score; less than that is noise."""
    rebalance_minimum_stay: Annotated[float, Field(ge=0)] = 300.0
    """Seconds that an application stays on a cluster before it moves for a better score."""
    rebalance_cool_down: Annotated[float, Field(ge=0)] = 300.0
    """Seconds between two automatic moves of one application, unless it cannot stay where it is."""
    rebalance_parallel: Annotated[int, Field(ge=0)] = 10
    """Migrations under way beyond which none begins by itself; 0 turns automatic moves off."""
    rebalance_per_hour: Annotated[int, Field(ge=0)] = 100
    """Automatic moves that may begin within an hour."""
    rebalance_per_application: Annotated[int, Field(ge=0)] = 3
    """Automatic moves of one application that may begin within an hour."""
    sweep_interval: Annotated[float, Field(gt=0)] = 30.0
    """Seconds between two searches for resources whose wake-up was lost."""
    history_retention_days: Annotated[int, Field(ge=1)] = 30
    """Days that events and decisions of a deleted resource stay readable."""
    generations_kept: Annotated[int, Field(ge=1)] = 20
    """Generations of an application's spec that stay readable and can be returned to."""

    tosca_allow_internal_urls: bool = False
    """Whether TOSCA templates and archives may be fetched from loopback, private and link-local addresses."""
    tosca_download_timeout: Annotated[float, Field(gt=0, le=120)] = 20.0
    """Seconds that all downloads for one TOSCA template or CSAR archive may take together."""
    tosca_timeout: Annotated[float, Field(gt=0, le=300)] = 60.0
    """Seconds that a translation may take, downloads included."""
    tosca_max_document_bytes: Annotated[int, Field(gt=0)] = 1024 * 1024
    """Largest TOSCA template or imported document, its YAML aliases written out, and largest manifest."""
    tosca_max_imports: Annotated[int, Field(ge=0)] = 20
    """Documents that one TOSCA template may import, directly and through others."""
    tosca_max_archive_bytes: Annotated[int, Field(gt=0)] = 10 * 1024 * 1024
    """Largest CSAR archive."""
    tosca_max_expanded_bytes: Annotated[int, Field(gt=0)] = 50 * 1024 * 1024
    """Most that the files of a CSAR archive may take up together when unpacked."""
    tosca_max_archive_files: Annotated[int, Field(gt=0)] = 1000
    """Most files that a CSAR archive may hold."""
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

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """`DEBUG`, `INFO`, `WARNING` or `ERROR`."""
    log_format: Literal["console", "json"] = "console"
    """`console` for people, `json` for log collectors."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order of precedence: arguments, environment, the YAML file."""
        sources: list[PydanticBaseSettingsSource] = [init_settings, env_settings]
        if path := os.environ.get(CONFIG_VARIABLE):
            sources.append(YamlConfigSettingsSource(settings_cls, yaml_file=path))
        return tuple(sources)

    @property
    def store_url(self) -> str:
        """The store's URL, with the embedded default filled in."""
        return self.database_url or f"sqlite+aiosqlite:///{self.state_dir / 'krake.db'}"

    @property
    def encrypts_payloads(self) -> bool:
        """Whether what workflows carry is encrypted on its way to Temporal."""
        return self.temporal_encryption is not False

    @property
    def stale_after(self) -> float:
        """Seconds after which an unconfirmed state is no longer believed: three intervals.

        It is ten seconds at least: a confirmation may be late by what one request to a cluster takes.
        """
        return max(3 * self.observe_interval, 10.0)

    @property
    def key_file(self) -> Path:
        """The file with the secret keys, with the embedded default filled in."""
        return self.secret_key_file or self.state_dir / "secret.key"


def load_settings(**overrides: object) -> Settings:
    """Read the settings, with `overrides` (from command-line flags) winning over everything.

    Raises:
        KrakeError: a value does not fit or the file cannot be read; says which setting and why.
    """
    path = os.environ.get(CONFIG_VARIABLE)
    if path and not Path(path).is_file():
        raise KrakeError(
            f"Cannot read the settings file {path}",
            why=f"{CONFIG_VARIABLE} names a file that does not exist",
            fix=f"Create it, or unset {CONFIG_VARIABLE}",
        )
    given = {key: value for key, value in overrides.items() if value is not None}
    try:
        return Settings.model_validate({**Settings().model_dump(), **given}) if given else Settings()
    except (SettingsError, YAMLError) as error:
        raise KrakeError(
            "The settings cannot be read",
            why=" ".join(str(error).split()),
            fix='Mend the variable, or the file that KRAKE_CONFIG names; a list is JSON: ["one", "two"]',
        ) from None
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or 'settings'}: {item['msg']}" for item in error.errors()
        )
        raise KrakeError(
            "The settings are not valid",
            why=wrong,
            fix="Mend the KRAKE_… environment variables or the settings file; `krake config` lists them",
        ) from None

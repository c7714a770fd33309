"""Every setting of Krake's processes: environment variables `KRAKE_…`, a YAML file, and defaults."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_state_path
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    YamlConfigSettingsSource,
)
from yaml import YAMLError

from krake.errors import KrakeError

CONFIG_VARIABLE = "KRAKE_CONFIG"


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
    temporal_ui_url: str = "http://127.0.0.1:8233"
    """Where people open the Temporal UI; used in links only."""

    api_host: str = "127.0.0.1"
    """Address that the API listens on."""
    api_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """Port that the API listens on; 0 takes any free one."""
    api_max_body_bytes: Annotated[int, Field(gt=0)] = 2 * 1024 * 1024
    """Largest request body that is accepted."""
    authentication: Literal["static", "anonymous"] = "static"
    """`static` takes every request as made by `static_user`; `anonymous` as `system:anonymous`."""
    static_user: str = "system:admin"
    """Who makes every request under `static` authentication."""
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
    observe_interval: Annotated[float, Field(gt=0)] = 10.0
    """Seconds between two confirmations that a cluster still answers."""
    offline_after: Annotated[int, Field(ge=1)] = 3
    """Failed confirmations in a row that make a cluster OFFLINE."""
    stickiness: Annotated[float, Field(ge=0)] = 0.1
    """Weight in favour of the cluster that an application is on."""
    migration_cool_down: Annotated[float, Field(gt=0)] = 60.0
    """Seconds without automatic moves after one that failed; times the failures in a row."""
    sweep_interval: Annotated[float, Field(gt=0)] = 30.0
    """Seconds between two searches for resources whose wake-up was lost."""
    history_retention_days: Annotated[int, Field(ge=1)] = 30
    """Days that events and decisions of a deleted resource stay readable."""

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

"""Every setting of Krake's processes: environment variables `KRAKE_…`, a YAML file, and defaults."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    YamlConfigSettingsSource,
)
from yaml import YAMLError

from krake.errors import KrakeError
from krake.setting_groups.api import ApiSettings
from krake.setting_groups.clouds import CloudSettings
from krake.setting_groups.clusters import ClusterSettings
from krake.setting_groups.hooks import HookSettings
from krake.setting_groups.leaving import LeavingSettings
from krake.setting_groups.placement import PlacementSettings
from krake.setting_groups.storage import StorageSettings
from krake.setting_groups.temporal import TemporalSettings
from krake.setting_groups.tosca import ToscaSettings
from krake.setting_groups.upkeep import UpkeepSettings
from krake.setting_groups.worker import WorkerSettings

CONFIG_VARIABLE = "KRAKE_CONFIG"
CODEC_PATH = "/temporal/codec"
"""Where the API decrypts payloads for the Temporal UI."""


# The groups stand in reverse, for the fields of the last one come first.
class Settings(
    HookSettings,
    ToscaSettings,
    UpkeepSettings,
    PlacementSettings,
    LeavingSettings,
    CloudSettings,
    ClusterSettings,
    WorkerSettings,
    ApiSettings,
    TemporalSettings,
    StorageSettings,
    BaseSettings,
):
    """Settings shared by the API, the workers and the operator's commands.

    A value is taken from the environment (`KRAKE_` and the field's name in capitals), else from the YAML
    file that `KRAKE_CONFIG` names, else it is the default.
    """

    model_config = SettingsConfigDict(
        env_prefix="KRAKE_",
        extra="forbid",
        use_attribute_docstrings=True,
        env_ignore_empty=True,
        defer_build=False,
    )

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

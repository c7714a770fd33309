"""Files with settings, written for people to go on with: every setting, what it is for, its default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import wrap
from typing import Any, get_args

import yaml
from pydantic import ValidationError
from pydantic_core import PydanticUndefined

from krake.errors import KrakeError
from krake.setting_flags import flags, is_secret
from krake.settings import CONFIG_VARIABLE, Settings

SERVER, CLIENT = "krake", "rok"
"""What there are files for: Krake's processes, and the users' command line."""

_WIDTH = 100


def generated(template: str, given: Mapping[str, Any]) -> str:
    """The text of a file.

    Args:
        template: `krake` or `rok`.
        given: settings that differ from their defaults, as texts or values.

    Raises:
        KrakeError: a value does not fit.
    """
    settings = _validated(given)
    return server_file(settings, given) if template == SERVER else client_file(settings)


def server_file(settings: Settings, given: Mapping[str, Any]) -> str:
    """The settings of Krake's processes; what was not given stands behind a `#`."""
    lines = [
        "# Settings of Krake's processes, made by `krake config generate`.",
        f"# They are read from the file that {CONFIG_VARIABLE} names; a variable KRAKE_… wins over it.",
        "# What stands behind a # is the default.",
    ]
    values = settings.model_dump(mode="json")
    for name in Settings.model_fields:
        lines += ["", *_comment(name)]
        lines += _entry(name, values[name]) if name in given else [f"#{line}" for line in _default(name)]
    return "\n".join(lines) + "\n"


def client_file(settings: Settings) -> str:
    """The configuration of `rok` for the API that the settings describe."""
    host = "localhost" if settings.api_host in ("0.0.0.0", "::", "127.0.0.1") else settings.api_host
    lines = [
        "# Configuration of `rok`, made by `krake config generate rok`.",
        "# It is looked for as ./rok.yaml, ~/.config/rok.yaml and /etc/rok/rok.yaml.",
        "",
        *_entry("api_url", f"http://{host}:{settings.api_port}"),
        "# Who asks; also the namespace that commands use without -n.",
        *_entry("user", settings.static_user),
    ]
    return "\n".join(lines) + "\n"


def write(path: Path, text: str, *, replace: bool) -> None:
    """Write a file.

    Raises:
        KrakeError: it is there already, or cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w" if replace else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise KrakeError(f"{path} is there already", fix="Replace it with --force") from None
    except OSError as error:
        raise KrakeError(f"Cannot write {path}", why=str(error.strerror), fix="Check --dst") from None


def _validated(given: Mapping[str, Any]) -> Settings:
    """The settings with these values; neither the environment nor a file has a say."""
    defaults = {
        name: field.get_default(call_default_factory=True) for name, field in Settings.model_fields.items()
    }
    try:
        return Settings.model_validate({**defaults, **{key: _cased(key, given[key]) for key in given}})
    except ValidationError as error:
        wrong = [f"{flags(str(item['loc'][0]))[0]}: {item['msg']}" for item in error.errors()]
        raise KrakeError(
            "The settings are not valid", why="\n".join(wrong), fix="Correct the flags"
        ) from None


def _cased(name: str, value: Any) -> Any:
    """The value as it is spelled among the choices: Krake 1.x wrote `RBAC`."""
    choices = [
        choice for choice in get_args(Settings.model_fields[name].annotation) if isinstance(choice, str)
    ]
    return next((choice for choice in choices if choice.lower() == str(value).lower()), value)


def _comment(name: str) -> Iterator[str]:
    text = " ".join((Settings.model_fields[name].description or "").split())
    yield from (f"# {line}" for line in wrap(text, _WIDTH - 2))


def _default(name: str) -> list[str]:
    field = Settings.model_fields[name]
    if is_secret(field):
        return [f"{name}: []"]
    if field.default is PydanticUndefined and name == "state_dir":
        return [f"{name}: ~/.local/state/krake"]
    default = field.get_default(call_default_factory=True)
    values = Settings.model_construct(**{name: default}).model_dump(mode="json", include={name})
    return _entry(name, values[name])


def _entry(name: str, value: Any) -> list[str]:
    text = yaml.safe_dump({name: value}, default_flow_style=False, allow_unicode=True, width=_WIDTH)
    return text.rstrip("\n").splitlines()

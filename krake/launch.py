"""How settings travel to a child process, and how this process turns into another program."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from pydantic import SecretStr

from krake.settings import Settings


def environment(settings: Settings) -> dict[str, str]:
    """The settings as `KRAKE_…` variables, complete, so that the child sees exactly these values.

    Unset settings are left out. Secrets are in the clear: the result is for a child's environment only.
    """
    found = {}
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        # An empty list is said where the child would otherwise take a default that is not empty.
        text = "[]" if value == [] and field.get_default(call_default_factory=True) else _text(value)
        if text:
            found[f"KRAKE_{name.upper()}"] = text
    return found


def become_module(module: str, settings: Settings) -> NoReturn:
    """Replace this process by `python -m module` with the settings in its environment."""
    arguments = module_command(module)
    os.execve(arguments[0], arguments, {**os.environ, **environment(settings)})


def module_command(module: str, *arguments: str) -> list[str]:
    """The command line of a Python module of this installation; `-P` keeps the working folder out of it."""
    return [sys.executable, "-P", "-m", module, *arguments]


def _text(value: object) -> str:
    """One setting's value as pydantic-settings reads it from a variable."""
    if value is None:
        return ""
    if isinstance(value, Path):
        return str(value.expanduser().absolute())
    if isinstance(value, str):
        return value
    plain = _plain(value)
    return json.dumps(plain) if plain not in ([], {}) else ""


def _plain(value: object) -> object:
    """The value in JSON's types, secrets revealed."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value

"""The Python environments in which servers of tests run: their packages do not get along with Krake's."""

from __future__ import annotations

from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2]
OPENSTACK = SOURCE / ".venv-openstack"
IM = SOURCE / ".venv-im"


def require(environment: Path) -> Path:
    """The environment, which `make test` makes; the test fails without it."""
    if not (environment / ".complete").exists():
        pytest.fail(
            f"{environment.name} is not there: run `make {environment.name}/.complete`", pytrace=False
        )
    return environment


def python(environment: Path) -> list[str]:
    """How a file is run in the environment: without its folder on the path, whose modules are not meant."""
    return [str(environment / "bin" / "python"), "-P"]

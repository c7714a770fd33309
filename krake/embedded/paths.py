"""Where the embedded servers keep their files."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from krake.errors import KrakeError


def cache_dir() -> Path:
    """The folder of what can be made again, such as built servers: `KRAKE_CACHE` or the user's cache."""
    return Path(os.environ.get("KRAKE_CACHE") or platformdirs.user_cache_dir("krake")).expanduser()


def state_dir() -> Path:
    """The folder of everything that must survive a reboot: `KRAKE_STATE_DIR` or the user's state folder."""
    return Path(os.environ.get("KRAKE_STATE_DIR") or platformdirs.user_state_dir("krake")).expanduser()


def tools_dir() -> Path:
    """The folder of the pinned Go modules: beside this package in a wheel, at the top of a source checkout.

    Raises:
        KrakeError: neither is there.
    """
    here = Path(__file__).resolve().parent
    for candidate in (here / "tools", here.parents[1] / "tools"):
        if (candidate / "temporal" / "go.mod").is_file():
            return candidate
    raise KrakeError(
        "The pinned build files of the servers are missing",
        why=f"no tools folder beside {here} nor at the top of its checkout",
        fix="Install Krake again, or work from a complete checkout",
    )

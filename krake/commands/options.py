"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from krake.embedded.statedir import StateDir

state_dir_option = click.option(
    "--state-dir",
    type=click.Path(path_type=Path),
    help="Folder with the databases, the key and the logs. [setting: state_dir]",
)


def state_folder(given: Path | None) -> StateDir:
    """The state folder from the flag or the settings."""
    from krake.embedded.statedir import StateDir
    from krake.settings import load_settings

    return StateDir(given or load_settings().state_dir)

"""What installed packages add to Krake by entry points."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

from krake.errors import KrakeError


def plugins(group: str) -> dict[str, Any]:
    """Everything that installed packages offer in the group, by the entry points' names.

    Raises:
        KrakeError: one of them cannot be loaded; it is named, so that it can be mended or removed.
    """
    found = {}
    for entry_point in entry_points(group=group):
        try:
            found[entry_point.name] = entry_point.load()
        except Exception as error:
            # Whatever a package raises while it is imported.
            raise KrakeError(
                f"The entry point {entry_point.name} of {group} cannot be loaded",
                why=f"{entry_point.value}: {type(error).__name__}: {error}",
                fix="Mend the package that offers it, or remove it",
            ) from error
    return found

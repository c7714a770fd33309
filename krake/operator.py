"""Who runs an operator's command, for the audit."""

from __future__ import annotations

import getpass
import os


def operator() -> str:
    """`operator:` and the account's name, or its number where it has none."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = str(os.getuid())
    return f"operator:{name}"

"""`python -m krake` is the command `krake`."""

from __future__ import annotations

from krake.cli import main

main()

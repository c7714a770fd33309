"""What is wrong with the files, each thing with its file and document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from krake.errors import KrakeError


class Fault(NamedTuple):
    """One thing that keeps the files from being loaded."""

    place: str
    """`metrics.yaml, document 2 (GlobalMetric 'load')`."""
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class BootstrapError(KrakeError):
    """Nothing was loaded, because of these faults."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        count = "1 mistake" if len(faults) == 1 else f"{len(faults)} mistakes"
        super().__init__(
            f"Nothing was loaded because of {count}; the store is as it was",
            why="\n".join(map(str, faults)),
            fix="Mend the files and run the command again with all of them",
        )
        self.faults = tuple(faults)

"""What a running `krake up` writes down about itself, for `krake status`, `krake down` and the next start."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path

import psutil
from pydantic import BaseModel, Field


class PartState(StrEnum):
    """Where a part is in its life."""

    STARTING = "starting"
    READY = "ready"
    WAITING = "waiting"
    """It died and is started again after a delay."""
    STOPPED = "stopped"


class ProcessMark(BaseModel):
    """A process that cannot be mistaken for a later one with the same id."""

    pid: int
    created: float
    """Seconds since the epoch, as the operating system tells it."""

    @classmethod
    def of(cls, pid: int) -> ProcessMark | None:
        """The mark of a running process, or None where it has ended already."""
        try:
            return cls(pid=pid, created=psutil.Process(pid).create_time())
        except psutil.NoSuchProcess:
            return None

    def find(self) -> psutil.Process | None:
        """The process, if it still runs."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.created) < 0.05
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


class PartRecord(BaseModel):
    """One supervised process."""

    name: str
    state: PartState
    address: str
    log: Path
    process: ProcessMark | None = None
    since: datetime
    restarts: int = 0


class Record(BaseModel):
    """One `krake up`."""

    supervisor: ProcessMark
    started: datetime
    ready: bool = False
    addresses: dict[str, str] = Field(default_factory=dict)
    parts: list[PartRecord] = Field(default_factory=list)

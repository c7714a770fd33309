"""What `krake status` shows: the record of a running `krake up`, checked against the processes themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
from rich.console import Group, RenderableType
from rich.table import Table

from krake.embedded.record import PartRecord, PartState, ProcessMark, Record
from krake.embedded.statedir import StateDir


@dataclass(frozen=True, slots=True)
class Report:
    """The state of one state folder. `record` is None where nothing runs."""

    folder: Path
    record: Record | None

    @property
    def ready(self) -> bool:
        """Whether all parts are there and ready."""
        return bool(self.record and self.record.ready) and all(
            _state(part) == PartState.READY for part in self._parts
        )

    def document(self) -> dict[str, Any]:
        """The report for programs."""
        if self.record is None:
            return {"running": False, "ready": False, "state_dir": str(self.folder), "parts": []}
        return {
            "running": True,
            "ready": self.ready,
            "state_dir": str(self.folder),
            "pid": self.record.supervisor.pid,
            "started": self.record.started.isoformat(),
            "addresses": self.record.addresses,
            "parts": [_document(part) for part in self._parts],
        }

    def table(self) -> RenderableType:
        """The report for people."""
        if self.record is None:
            return f"Krake does not run on {self.folder}. Start it with `krake up`."
        table = Table(box=None, pad_edge=False)
        for title in ("part", "state", "pid", "since", "restarts", "memory", "address"):
            numeric = title in ("pid", "restarts", "memory")
            table.add_column(title, justify="right" if numeric else "left", overflow="fold")
        for part in self._parts:
            pid = str(part.process.pid) if part.process else ""
            memory = f"{_memory(part.process) / 2**20:.0f} MiB"
            since = f"{age(part.since)} ago"
            table.add_row(part.name, _state(part), pid, since, str(part.restarts), memory, part.address)
        places = [f"{name:<12} {address}" for name, address in self.record.addresses.items()]
        head = f"Krake, pid {self.record.supervisor.pid}, since {age(self.record.started)}, on {self.folder}"
        return Group(head, "", table, "", *places)

    @property
    def _parts(self) -> list[PartRecord]:
        return self.record.parts if self.record else []


def report(folder: StateDir) -> Report:
    """Look at a state folder now."""
    return Report(folder.path, folder.running())


def age(since: datetime) -> str:
    """How long ago that was, in its largest two units."""
    seconds = int((datetime.now(UTC) - since).total_seconds())
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds % 60} s" if minutes else f"{seconds} s"


def _state(part: PartRecord) -> PartState:
    """The state; a process that has just died is not ready, whatever was written down."""
    gone = part.process is None or part.process.find() is None
    return PartState.WAITING if part.state == PartState.READY and gone else part.state


def _document(part: PartRecord) -> dict[str, Any]:
    return {
        "name": part.name,
        "state": _state(part).value,
        "pid": part.process.pid if part.process else None,
        "since": part.since.isoformat(),
        "restarts": part.restarts,
        "memory_bytes": _memory(part.process),
        "address": part.address,
        "log": str(part.log),
    }


def _memory(mark: ProcessMark | None) -> int:
    """Resident bytes of the process and its children; 0 for those that end while they are counted."""
    process = mark.find() if mark else None
    if process is None:
        return 0
    try:
        children = process.children(recursive=True)
    except psutil.NoSuchProcess:
        return 0
    return _resident(process) + sum(_resident(child) for child in children)


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0

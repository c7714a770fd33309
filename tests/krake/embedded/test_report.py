"""The report of a running `krake up` while its processes come and go."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from krake.embedded.record import PartRecord, PartState, ProcessMark, Record
from krake.embedded.report import Report


def test_a_process_that_ends_while_the_report_is_made_counts_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        seen = psutil.Process(child.pid)
        mark = ProcessMark(pid=child.pid, created=seen.create_time())
        child.kill()
    monkeypatch.setattr(ProcessMark, "find", lambda _: seen)
    part = PartRecord(
        name="api",
        state=PartState.READY,
        address="",
        log=tmp_path / "api.log",
        process=mark,
        since=datetime.now(UTC),
    )
    shown = Report(tmp_path, Record(supervisor=mark, started=datetime.now(UTC), parts=[part])).document()
    assert shown["parts"][0]["memory_bytes"] == 0

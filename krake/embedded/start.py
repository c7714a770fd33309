"""The steps of `krake up`: check everything first, then prepare, then run; in this process or behind it."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from krake.embedded.binaries import TEMPORAL, ensure
from krake.embedded.part import Say
from krake.embedded.plan import Plan
from krake.embedded.record import Record
from krake.embedded.stop import stop_leftovers
from krake.embedded.supervisor import START_LIMIT, Supervisor
from krake.errors import KrakeError
from krake.launch import module_command
from krake.settings import Settings

_POLL = 0.05
_MARGIN = 30.0
"""Seconds beyond the supervisor's own limit, so that its error is the one that is shown."""


def run_here(plan: Plan, say: Say, on_ready: Callable[[Plan], None]) -> None:
    """Run everything until a signal asks to stop.

    Raises:
        KrakeError: the folder or a port cannot be had, a part does not start, or what it says would not be
            encrypted.
    """
    plan.folder.prepare()
    with plan.folder.lock():
        stop_leftovers(plan.folder, say)
        plan.check_encryption()
        plan.check_ports()
        program = ensure([TEMPORAL])[TEMPORAL.name]
        _prepare_store(plan.settings())
        asyncio.run(Supervisor(plan, program, say, on_ready).run())


def run_behind(plan: Plan, say: Say) -> Record:
    """Run everything in a process of its own and return when it is ready.

    Raises:
        KrakeError: as `run_here`, with what the background process said.
    """
    plan.folder.prepare()
    with plan.folder.lock():
        stop_leftovers(plan.folder, say)
        plan.check_encryption()
        plan.check_ports()
        ensure([TEMPORAL])
    log = plan.folder.log("supervisor")
    offset = log.stat().st_size if log.exists() else 0
    process = _spawn(plan, log)
    record = None
    try:
        record = _wait(plan, process)
    finally:
        if record is None:
            process.terminate()
            process.wait()
    if record is None:
        raise _failure(log, offset)
    return record


def _prepare_store(settings: Settings) -> None:
    # SQLAlchemy and Alembic take a second to load; what goes wrong before this is told without that delay.
    from krake.embedded.admin_token import ensure_admin_token
    from krake.keyfile import prepare_keys
    from krake.store.migrate import upgrade

    prepare_keys(settings)
    upgrade(settings.store_url)
    asyncio.run(ensure_admin_token(settings))


def _spawn(plan: Plan, log: Path) -> subprocess.Popen[bytes]:
    ports = plan.ports
    command = module_command("krake", "up", "--state-dir", str(plan.folder.path), "--host", plan.host)
    command += ["--api-port", str(ports.api), "--temporal-port", str(ports.temporal)]
    command += ["--ui-port", str(ports.ui), "--metrics-port", str(ports.metrics)]
    command += ["--client-metrics-port", str(ports.client_metrics)]
    command += ["--insecure"] if plan.insecure else []
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def _wait(plan: Plan, process: subprocess.Popen[bytes]) -> Record | None:
    """The record of the process once all is ready; None where it ended or the time is over."""
    deadline = time.monotonic() + START_LIMIT + _MARGIN
    while process.poll() is None and time.monotonic() < deadline:
        record = plan.folder.running()
        if record and record.ready and record.supervisor.pid == process.pid:
            return record
        time.sleep(_POLL)
    return None


def _failure(log: Path, offset: int) -> KrakeError:
    """Why it did not start: the error that the process wrote behind the offset."""
    with log.open("rb") as file:
        file.seek(offset)
        said = file.read().decode(errors="replace").partition("Error: ")[2].strip().splitlines()
    return KrakeError(
        said[0] if said else "Krake did not start", why="\n".join(said[1:]), fix=f"Its log: {log}"
    )

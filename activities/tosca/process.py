"""The translating process as the worker sees it: started, told, waited for, killed."""

from __future__ import annotations

import asyncio
import os
from asyncio.subprocess import DEVNULL, PIPE, Process

from pydantic import ValidationError

from activities.tosca.order import Limits, Order, Outcome
from krake.launch import module_command
from krake.settings import Settings

_KEPT = frozenset({"LANG", "LC_ALL", "PATH", "PYTHONPATH", "SSL_CERT_DIR", "SSL_CERT_FILE"})
"""What the process gets of the worker's environment, which holds secrets."""


def limits_of(settings: Settings) -> Limits:
    """The limits that the settings give."""
    return Limits(
        allow_internal_urls=settings.tosca_allow_internal_urls,
        download_seconds=settings.tosca_download_timeout,
        seconds=settings.tosca_timeout,
        document_bytes=settings.tosca_max_document_bytes,
        imports=settings.tosca_max_imports,
        archive_bytes=settings.tosca_max_archive_bytes,
        expanded_bytes=settings.tosca_max_expanded_bytes,
        archive_files=settings.tosca_max_archive_files,
    )


async def translate_apart(order: Order) -> Outcome:
    """Carry out the order in a process of its own, which is gone when this returns or is cancelled."""
    process = await asyncio.create_subprocess_exec(
        *module_command("activities.tosca"),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        env={name: value for name, value in os.environ.items() if name in _KEPT},
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(order.limits.seconds):
            answer, _ = await process.communicate(order.model_dump_json().encode())
    except TimeoutError:
        return Outcome(problem=f"The translation took longer than {order.limits.seconds:g} s")
    finally:
        await _end(process)
    try:
        return Outcome.model_validate_json(answer)
    except ValidationError:
        return Outcome(problem=_last_words(process.returncode))


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.kill()
        await asyncio.shield(process.wait())


def _last_words(code: int | None) -> str:
    """Why there is no answer: the process was ended from outside, or met what nobody has thought of."""
    if code is not None and code < 0:
        return "The translation was ended because it needed too much time or memory"
    return "The template cannot be translated: the translating process failed"

"""Structured logs: one line an event, for people (`console`) or for machines (`json`), on standard error."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog
from structlog.typing import Processor, WrappedLogger

from krake.settings import Settings

_SECRET_KEYS = frozenset(
    {"kubeconfig", "token", "password", "secret", "authorization", "body", "spec", "manifest", "credentials"}
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_LONG = frozenset({"exception", "stack"})
"""What has lines of its own."""
_QUIET = ("alembic", "httpx", "httpcore", "aiosqlite", "asyncio", "uvicorn", "kubernetes")


def configure(settings: Settings, process: str) -> None:
    """Send all logs of this process, the libraries' too, through one format.

    Args:
        settings: `log_level` and `log_format`.
        process: name of the process in every line: `api`, `worker` …
    """
    level = logging.getLevelNamesMapping()[settings.log_level]
    shared = _processors(process)
    renderer = _renderer(settings)
    structlog.configure(
        processors=[*shared, *renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in _QUIET:
        # What they tell of normal operation is noise here, or would carry what requests contain.
        logging.getLogger(name).setLevel(max(level, logging.WARNING))


def _processors(process: str) -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        _named(process),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        withhold_secrets,
    ]


def _renderer(settings: Settings) -> list[Processor]:
    if settings.log_format == "json":
        return [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_to_json),
        ]
    return [
        spell_out,
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        ),
    ]


def _to_json(event: Any, **_: Any) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def _named(process: str) -> Processor:
    def add_process(_: WrappedLogger, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["process"] = process
        return event

    return add_process


def withhold_secrets(_: WrappedLogger, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last net under the rule that nobody logs secrets: known names lose their value."""
    for key in _SECRET_KEYS.intersection(event):
        event[key] = "<withheld>"
    return event


def spell_out(_: WrappedLogger, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Control characters as escapes: a path or a message must not write lines of its own into the log, nor
    move the cursor of whoever reads it."""
    for key, value in event.items():
        if isinstance(value, str) and key not in _LONG and _CONTROL.search(value):
            event[key] = _CONTROL.sub(lambda found: ascii(found[0])[1:-1], value)
    return event

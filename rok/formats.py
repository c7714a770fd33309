"""Values in words for people: dates, ages, labels, references."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import click

NONE = "None"
"""What a table shows where there is nothing, as the original CLI does."""

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_time(text: str | None) -> datetime | None:
    """The moment that the API wrote, or None."""
    if not text:
        return None
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def date(text: str | None) -> str:
    """A date of the API as `YYYY-mm-dd HH:MM:SS`, UTC."""
    moment = parse_time(text)
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if moment else NONE


def span(seconds: float) -> str:
    """A length of time with its two largest units: `8s`, `3m12s`, `2h14m`, `5d3h`."""
    whole = max(0, int(seconds))
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return f"{days}d{hour}h" if hour else f"{days}d"
    if hours:
        return f"{hours}h{minute}m" if minute else f"{hours}h"
    if minutes:
        return f"{minutes}m{second}s" if second else f"{minutes}m"
    return f"{second}s"


def short_span(seconds: float) -> str:
    """A length of time that may be less than a second: `0.4s`; from a minute on as `span`."""
    return f"{max(0.0, seconds):.1f}s" if seconds < 60 else span(seconds)


def age(text: str | None) -> str:
    """How long ago a moment of the API is, `never` where there is none."""
    moment = parse_time(text)
    return f"{span((datetime.now(UTC) - moment).total_seconds())} ago" if moment else "never"


def pairs(mapping: dict[str, Any] | None) -> str:
    """`key: value` lines, sorted by key."""
    return "\n".join(f"{key}: {value}" for key, value in sorted((mapping or {}).items())) or NONE


def lines(items: list[str] | None) -> str:
    """The items, one a line."""
    return "\n".join(items or []) or NONE


def reference(ref: dict[str, Any] | None, namespace: str | None) -> str:
    """A reference by name, with the namespace where it is another one."""
    if not ref:
        return NONE
    foreign = ref.get("namespace") and ref["namespace"] != namespace
    return f"{ref['namespace']}/{ref['name']}" if foreign else str(ref["name"])


def reason(status: dict[str, Any]) -> str:
    """`CODE: sentence` of a status, or None."""
    found = status.get("reason")
    return f"{found['code']}: {found['message']}" if found else NONE


_TROUBLED = frozenset(
    {"PENDING", "DEGRADED", "OFFLINE", "NOTREADY", "UNHEALTHY", "FAILED", "FAILING_METRICS"}
)
"""States that the reason speaks of; in others it is what was wrong before."""


def explanation(status: dict[str, Any]) -> str:
    """What is wrong, or what is being waited for; empty where neither is known."""
    if status.get("reason") and status.get("state") in _TROUBLED:
        return reason(status)
    words = [str(status.get("message") or ""), at_cloud(status)]
    return ": ".join(word for word in dict.fromkeys(words) if word)


def at_cloud(status: dict[str, Any]) -> str:
    """What the cloud says while it makes, changes or removes the cluster; empty at other times."""
    provisioning = status.get("provisioning") or {}
    busy = provisioning.get("phase") in ("creating", "changing", "deleting")
    return str(provisioning.get("message") or "") if busy else ""


def ahead(text: str | None) -> str:
    """How far ahead a moment of the API is, in its largest unit: `in 12 days`, `expired 3 hours ago`."""
    moment = parse_time(text)
    if moment is None:
        return NONE
    seconds = (moment - datetime.now(UTC)).total_seconds()
    number, unit = _largest(abs(seconds))
    words = f"{number} {unit}{'' if number == 1 else 's'}"
    return f"in {words}" if seconds > 0 else f"expired {words} ago"


def _largest(seconds: float) -> tuple[int, str]:
    for unit, length in (("day", 86400), ("hour", 3600)):
        if seconds >= length:
            return int(seconds // length), unit
    return int(seconds // 60), "minute"


class Duration(click.ParamType[float]):
    """A length of time on the command line: `90`, `90s`, `10m`, `1h`; 0 means without limit."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The length in seconds."""
        if isinstance(value, int | float):
            return float(value)
        match = _DURATION.fullmatch(str(value).strip())
        if match is None:
            self.fail(f"{value!r} is not a length of time such as 90s, 10m or 1h", param, ctx)
        return float(match[1]) * _SECONDS[match[2] or "s"]

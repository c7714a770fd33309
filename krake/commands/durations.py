"""Lengths of time on the operator's command line."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import click

_FORM = re.compile(r"(\d{1,6})(s|m|h|d)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Duration(click.ParamType[timedelta]):
    """A length of time: `90s`, `30m`, `12h`, `90d`."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """The length."""
        if isinstance(value, timedelta):
            return value
        match = _FORM.fullmatch(str(value))
        if match is None or int(match[1]) == 0:
            self.fail(f"{value!r} is not a length of time such as 30m, 12h or 90d", param, ctx)
        return timedelta(**{_UNITS[match[2]]: int(match[1])})

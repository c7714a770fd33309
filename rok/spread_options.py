"""The option by which applications that belong together are spread over clusters."""

from __future__ import annotations

from typing import Any

import click


def _parsed(
    _context: click.Context, _parameter: click.Parameter, value: tuple[str, str] | None
) -> dict[str, Any] | None:
    return None if value is None else {"over": value[0], "among": value[1]}


spread_option = click.option(
    "--spread",
    nargs=2,
    callback=_parsed,
    metavar="OVER AMONG",
    help="Spread it evenly over the values of the clusters' label OVER, among the applications that have the "
    "same value of the label AMONG.",
)

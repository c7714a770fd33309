"""Which resources of a kind are meant: label and field selectors, which the API itself evaluates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

Params = dict[str, str | int]


def selector_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`-l/--selector` and `--field-selector`."""
    labels = click.option(
        "-l",
        "--selector",
        "label_selector",
        metavar="SELECTOR",
        help="Only those with such labels: 'team=web,tier in (gold,silver),!old'.",
    )
    fields = click.option(
        "--field-selector",
        metavar="SELECTOR",
        help="Only those with such fields: 'status.state!=RUNNING,metadata.name=shop'.",
    )
    return labels(fields(command))


def selection(label_selector: str | None, field_selector: str | None) -> Params:
    """The parameters of a list or a watch."""
    chosen = {"label_selector": label_selector, "field_selector": field_selector}
    return {key: value for key, value in chosen.items() if value}

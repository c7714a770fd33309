"""From options of the command line to the part of a provider that its type needs."""

from __future__ import annotations

from typing import Any

import click

Document = dict[str, Any]

TYPES = ("prometheus", "static", "kafka", "influx")

_NAMES = {"metrics": "metric", "comparison_column": "comparison-column", "value_column": "value-column"}
_CONNECTION = ("username", "password", "token", "ca_certificate", "timeout")
_REQUIRED = {
    "prometheus": ("url",),
    "static": ("metrics",),
    "kafka": ("url", "comparison_column", "value_column", "table"),
    "influx": ("url", "token", "org", "bucket"),
}
_OPTIONAL = {
    "prometheus": _CONNECTION,
    "static": (),
    "kafka": _CONNECTION,
    "influx": ("ca_certificate", "timeout"),
}


def _option(field: str) -> str:
    return "--" + _NAMES.get(field, field.replace("_", "-"))


def new_provider(kind: str, fields: Document) -> Document:
    """The spec of a new provider.

    Raises:
        click.UsageError: a field is missing or belongs to another type.
    """
    if kind not in TYPES:
        raise click.UsageError(f"Invalid metrics provider type: '{kind}'. There are: {', '.join(TYPES)}")
    missing = [_option(field) for field in _REQUIRED[kind] if field not in fields]
    if missing:
        raise click.UsageError(
            f"Metrics provider type '{kind}' requires {', '.join(missing)} to be specified"
        )
    _refuse_foreign(kind, fields)
    return {"type": kind, kind: fields}


def change_provider(spec: Document, fields: Document) -> None:
    """Put the fields into a stored spec; the others stay.

    Raises:
        click.UsageError: a field belongs to another type.
    """
    _refuse_foreign(spec["type"], fields)
    part: Document = spec[spec["type"]]
    if "metrics" in fields:
        fields = {**fields, "metrics": {**part["metrics"], **fields["metrics"]}}
    part.update(fields)


def _refuse_foreign(kind: str, fields: Document) -> None:
    for field in fields:
        if field not in (*_REQUIRED[kind], *_OPTIONAL[kind]):
            raise click.UsageError(
                f"{_option(field)} is not a valid argument for metrics providers of type {kind}"
            )

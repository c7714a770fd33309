"""Differences between two documents as people read them: like a unified diff, field by field."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import click

from krake.differences import ABSENT, Difference

_MANIFEST = "manifest["


def rendered(before: str, after: str, found: Iterable[Difference], *, colour: bool) -> str:
    """A unified-like text of the differences, one block for each object of a manifest and one for the rest.

    Args:
        before: title of what the differences are taken from.
        after: title of what they lead to.
        found: the differences, with paths as in a spec.
        colour: whether the text is for a terminal.
    """
    lines = [f"--- {before}", f"+++ {after}"]
    for place, items in groupby(found, key=_place):
        lines.append(f"@@ {place} @@")
        for item in items:
            lines += _lines(item)
    return "\n".join(_coloured(line) for line in lines) if colour else "\n".join(lines)


def as_documents(found: Iterable[Difference]) -> list[dict[str, Any]]:
    """The differences for programs; `before` or `after` is left out where the field is not there."""
    documents = []
    for item in found:
        sides = {"before": item.before, "after": item.after}
        documents.append({"path": item.path, **{key: v for key, v in sides.items() if v is not ABSENT}})
    return documents


def _place(item: Difference) -> str:
    """The object that a difference belongs to, or the part of the document."""
    return _split(item.path)[0]


def _split(path: str) -> tuple[str, str]:
    if path.startswith(_MANIFEST):
        name, _, inside = path.removeprefix(_MANIFEST).partition("]")
        return name, inside.removeprefix(".")
    head, _, inside = path.partition(".")
    return ("labels", inside) if head == "labels" else ("spec", path)


def _lines(item: Difference) -> Iterator[str]:
    field = _split(item.path)[1]
    for sign, value in (("-", item.before), ("+", item.after)):
        if value is not ABSENT:
            yield from (f"{sign} {line}" for line in _value(field, value))


def _value(field: str, value: Any) -> list[str]:
    """The field with its value: in one line where that is short, else as YAML."""
    nested = isinstance(value, dict | list) and bool(value)
    multiline = isinstance(value, str) and "\n" in value
    if not nested and not multiline:
        text = json.dumps(value, ensure_ascii=False)
        return [f"{field}: {text}" if field else text]
    return _yaml({field: value} if field else value).rstrip().splitlines()


def _yaml(document: Any) -> str:
    """Block style, texts of several lines as they are."""
    import yaml

    class Dumper(yaml.SafeDumper):
        pass

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)

    Dumper.add_representer(str, text)
    return str(
        yaml.dump(document, Dumper=Dumper, default_flow_style=False, allow_unicode=True, sort_keys=False)
    )


def _coloured(line: str) -> str:
    if line.startswith(("--- ", "+++ ")):
        return click.style(line, bold=True)
    colours = {"-": "red", "+": "green", "@": "cyan"}
    return click.style(line, fg=colours[line[0]])

"""`rok explain`: what a kind of resources or one of its fields is."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

import click

from rok.catalogue import named
from rok.errors import ExitCode, RokError
from rok.resources import Collection
from rok.schema import Field, Node

Document = dict[str, Any]

WIDEST = 100


def explain_field(path: str, output: str, *, recursive: bool) -> None:
    """Explain a kind or a field: `app`, `app.spec.constraints`.

    Raises:
        RokError: there is no such kind or field; names what comes near.
    """
    word, *fields = path.split(".")
    collection = named(word)
    node = _at(collection, _root(collection), fields)
    if output not in ("table", "wide"):
        from rok.output import as_text

        click.echo(as_text(_document(collection, fields, node, recursive=recursive), output))
        return
    for line in _page(collection, fields, node, recursive=recursive):
        click.echo(line)


def _root(collection: Collection) -> Node:
    from krake.models.kinds import KINDS

    schema = KINDS[collection.kind].model.model_json_schema()
    return Node(schema, schema.get("$defs", {}))


def _at(collection: Collection, node: Node, fields: list[str]) -> Node:
    for index, name in enumerate(fields):
        inside = node.find(name)
        if inside is None:
            raise _unknown(collection, fields[:index], name, node)
        node = inside
    return node


def _unknown(collection: Collection, above: list[str], name: str, node: Node) -> RokError:
    names = [field.name for field in node.fields()]
    close = get_close_matches(name, names, n=3, cutoff=0.6)
    where = ".".join([collection.kind, *above])
    return RokError(
        f"{where} has no field '{name}'",
        code=ExitCode.NOT_FOUND,
        why=f"Did you mean {' or '.join(close)}?" if close else f"It has: {', '.join(names) or 'none'}",
    )


def _page(collection: Collection, fields: list[str], node: Node, *, recursive: bool) -> Iterator[str]:
    yield f"KIND:   {collection.kind} ({collection.api})"
    if fields:
        yield f"FIELD:  {'.'.join(fields)} <{node.type}>"
    yield ""
    yield from _paragraph(node.description or "No description", "")
    if node.allowed:
        yield from _paragraph(f"Values: {node.allowed}", "")
    inside = node.fields()
    if inside:
        yield ""
        yield "FIELDS:"
    if recursive:
        yield from _outline(node, "  ", ())
        return
    for field in inside:
        yield from _lines(field)


def _lines(field: Field) -> Iterator[str]:
    remarks = [
        *(["required"] if field.required else []),
        *([f"default {field.default}"] if field.default else []),
    ]
    yield f"  {field.name} <{field.type}>{'  ' if remarks else ''}{', '.join(remarks)}"
    for text in (field.description, field.allowed and f"Values: {field.allowed}"):
        yield from _paragraph(text, "      ")


def _outline(node: Node, indent: str, above: tuple[str, ...]) -> Iterator[str]:
    """The fields with those inside them; a type inside itself is not opened again."""
    for field in node.fields():
        yield f"{indent}{field.name} <{field.type}>"
        inside = node.find(field.name)
        if inside is not None and field.type not in above:
            yield from _outline(inside, indent + "  ", (*above, field.type))


def _paragraph(text: str, indent: str) -> list[str]:
    width = min(shutil.get_terminal_size().columns, WIDEST)
    return textwrap.wrap(" ".join(text.split()), width, initial_indent=indent, subsequent_indent=indent)


def _document(collection: Collection, fields: list[str], node: Node, *, recursive: bool) -> Document:
    return {
        "kind": collection.kind,
        "field": ".".join(fields),
        "type": node.type,
        "description": " ".join(node.description.split()),
        "values": node.allowed,
        "fields": _documents(node, recursive, ()),
    }


def _documents(node: Node, recursive: bool, above: tuple[str, ...]) -> list[Document]:
    found = []
    for field in node.fields():
        document: Document = {
            "name": field.name,
            "type": field.type,
            "description": " ".join(field.description.split()),
            "required": field.required,
            "default": field.default,
            "values": field.allowed,
        }
        inside = node.find(field.name)
        if recursive and inside is not None and field.type not in above:
            document["fields"] = _documents(inside, recursive, (*above, field.type))
        found.append(document)
    return found

"""Reading a JSON schema as people ask about it: one field, what it may hold, and the fields inside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Schema = dict[str, Any]

_LIMITS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "less than {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "pattern": "matches {}",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a document."""

    name: str
    type: str
    description: str
    required: bool
    default: str
    """As JSON; empty where there is none worth telling."""
    allowed: str
    """What values fit, in words; empty where the type says it all."""


class Node:
    """One place in a schema."""

    def __init__(self, schema: Schema, definitions: Schema) -> None:
        self._given = schema
        self._definitions = definitions
        self._schema = self._resolved(schema)

    @property
    def description(self) -> str:
        """What the field is for; else what its type is."""
        return str(self._given.get("description") or self._schema.get("description") or "")

    @property
    def type(self) -> str:
        """The type in one word, as `kubectl explain` writes it."""
        choices = self._choices()
        if len(choices) > 1:
            return "|".join(dict.fromkeys(choice.type for choice in choices))
        if choices and choices[0]._schema is not self._schema:
            return choices[0].type
        kind = self._schema.get("type")
        if kind == "array":
            return f"[]{self._inside(self._schema.get('items', {})).type}"
        if kind == "object" and not self._schema.get("properties"):
            values = self._schema.get("additionalProperties")
            return f"map[string]{self._inside(values).type}" if isinstance(values, dict) else "object"
        if kind == "object":
            return str(self._schema.get("title") or "object")
        return str(kind or ("string" if "enum" in self._schema or "const" in self._schema else "any"))

    def fields(self) -> list[Field]:
        """The fields inside, in the order of the model; those of every variant where there are several."""
        return [self._field(name, owner) for name, owner in self._members()]

    def find(self, name: str) -> Node | None:
        """The field of this name inside."""
        for found, owner in self._members():
            if found == name:
                return self._inside(owner._schema["properties"][name])
        return None

    def _field(self, name: str, owner: Node) -> Field:
        given = owner._schema["properties"][name]
        inside = self._inside(given)
        required = name in owner._schema.get("required", ())
        return Field(name, inside.type, inside.description, required, _default(given), inside.allowed)

    @property
    def allowed(self) -> str:
        """What values fit beyond the type, in words."""
        words: list[str] = []
        for choice in self._choices() or [self]:
            schema = choice._schema
            if "enum" in schema:
                words.append("one of " + ", ".join(map(str, schema["enum"])))
            elif "const" in schema:
                words.append(f"always {schema['const']}")
            words += [text.format(schema[key]) for key, text in _LIMITS.items() if key in schema]
        if self._given.get("writeOnly") or self._schema.get("writeOnly"):
            words.append("write-only")
        return "; ".join(dict.fromkeys(words))

    def _members(self) -> Iterator[tuple[str, Node]]:
        """Names of the fields inside, each with the object that has it."""
        seen: set[str] = set()
        for owner in self._objects():
            for name in owner._schema["properties"]:
                if name not in seen:
                    seen.add(name)
                    yield name, owner

    def _objects(self) -> Iterator[Node]:
        """The objects that this is, may be, or is a list of."""
        choices = self._choices()
        if choices and choices[0]._schema is not self._schema:
            for choice in choices:
                yield from choice._objects()
        elif "items" in self._schema:
            yield from self._inside(self._schema["items"])._objects()
        elif self._schema.get("properties"):
            yield self
        elif isinstance(values := self._schema.get("additionalProperties"), dict):
            yield from self._inside(values)._objects()

    def _choices(self) -> list[Node]:
        """The variants that a value may have, null left out; itself where there is one only."""
        variants = self._schema.get("anyOf") or self._schema.get("oneOf") or []
        nodes = [self._inside(variant) for variant in variants]
        return [node for node in nodes if node._schema.get("type") != "null"] if variants else [self]

    def _inside(self, schema: Schema) -> Node:
        return Node(schema, self._definitions)

    def _resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self._definitions[schema["$ref"].rpartition("/")[2]]
        return schema


def _default(schema: Schema) -> str:
    import json

    default = schema.get("default")
    return "" if default in (None, [], {}, "") else json.dumps(default)

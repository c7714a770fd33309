"""What the fields of a model mean: the text below each, for the JSON schema.

pydantic reads such texts, too (`use_attribute_docstrings`), but when it makes the class: every process would
parse the source of every model at its start, and only who asks for a schema sees the result.
"""

from __future__ import annotations

import ast
import sys
from functools import cache
from inspect import cleandoc, get_annotations, getsource
from itertools import pairwise

from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

Texts = dict[str, str]


class Described(BaseModel):
    """A model whose schema describes each field by the text below it."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler, /
    ) -> JsonSchemaValue:
        schema = handler(core_schema)
        properties = handler.resolve_ref_schema(schema).get("properties", {})
        for name, field in cls.model_fields.items():
            if text := _text(cls, name):
                for shown in {name, field.alias, field.serialization_alias} & properties.keys():
                    properties[shown].setdefault("description", text)
        return schema


def _text(model: type[BaseModel], name: str) -> str | None:
    """The text of the class that says what the field is: the nearest one that annotates it."""
    for part in model.__mro__:
        if name in get_annotations(part):
            return _texts(part.__module__).get(part.__qualname__, {}).get(name)
    return None


@cache
def _texts(module: str) -> dict[str, Texts]:
    """The texts of a module's classes; empty for one without a source."""
    try:
        tree = ast.parse(getsource(sys.modules[module]))
    except (OSError, TypeError):
        return {}
    return {part.name: _below_fields(part.body) for part in tree.body if isinstance(part, ast.ClassDef)}


def _below_fields(body: list[ast.stmt]) -> Texts:
    return {
        field.target.id: cleandoc(text.value.value)
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }

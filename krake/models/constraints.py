"""Label constraints: the small language that says which labels a cluster has to carry.

| meaning | spelling |
|---|---|
| the label has this value | `KEY is VALUE`, `KEY = VALUE`, `KEY == VALUE` |
| the label has another value | `KEY is not VALUE`, `KEY != VALUE` |
| the label has one of these values | `KEY in (VALUE, VALUE)` |
| the label has none of these values | `KEY not in (VALUE, VALUE)` |
| the label is there, whatever its value | `KEY exists` |
| the label is not there | `KEY not exists` |

A label that is missing matches nothing but `not exists`: what is unknown proves nothing, so `KEY != VALUE`
does not match it either. Blanks and tabs do not matter, commas may trail in a list. The words `is`, `in`,
`not` and `exists` are keys or values wherever the sentence cannot be read otherwise: `a is not` compares
`a` with the value `not`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

from krake.models.metadata import is_label_key, is_label_value

if TYPE_CHECKING:
    from lark import Lark, UnexpectedInput

EXAMPLES = ("location is DE", "location is not DE", "location in (DE, SK)", "gpu not exists")

_GRAMMAR = r"""
?start: key ("=" | "==" | "is") value        -> equal
      | key ("!=" | "is" "not") value        -> not_equal
      | key "in" list                        -> one_of
      | key "not" "in" list                  -> none_of
      | key "exists"                         -> exists
      | key "not" "exists"                   -> not_exists
?list: "(" value ("," value)* ","* ")"
key: word
value: word
!?word: WORD | "is" | "in" | "not" | "exists"

WORD: /[^ \t,()=!]+/
SAME: "=="
OTHER: "!="
%ignore /[ \t]+/
"""

_PUNCTUATION = {"LPAR": "'('", "COMMA": "','", "RPAR": "')'", "$END": "the end"}
_OPERATORS = "an operator (is, is not, =, ==, !=, in, not in, exists, not exists)"
_LONGEST_SHOWN = 120


class Operator(StrEnum):
    """How a label is compared; the value is the usual spelling."""

    EQUAL = "is"
    NOT_EQUAL = "is not"
    ONE_OF = "in"
    NONE_OF = "not in"
    EXISTS = "exists"
    NOT_EXISTS = "not exists"


@dataclass(frozen=True, slots=True)
class LabelConstraint:
    """One requirement on the labels of a candidate; usable as the type of a pydantic field.

    Two constraints are equal when operator, key and values are, however they were spelled.
    """

    operator: Operator
    key: str
    values: tuple[str, ...]
    text: str = field(compare=False)
    """The requirement as the user wrote it."""

    @classmethod
    def parse(cls, text: str) -> LabelConstraint:
        """Read a constraint as it is written.

        Raises:
            PydanticCustomError: (a ValueError) the text is no constraint; says where and shows a right one.
        """
        from lark import UnexpectedInput

        try:
            tree = _parser().parse(text)
        except UnexpectedInput as error:
            raise _problem(text, _explain(error)) from None
        key, *values = (str(leaf) for leaf in tree.scan_values(lambda _: True))
        if not is_label_key(key):
            raise _problem(text, f"{key!r} is not a label key")
        for value in values:
            if not is_label_value(value):
                raise _problem(text, f"{value!r} is not a label value")
        return cls(Operator[str(tree.data).upper()], key, tuple(values), text)

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether the labels fulfil the constraint; a missing label fulfils `not exists` only."""
        if self.key not in labels:
            return self.operator is Operator.NOT_EXISTS
        match self.operator:
            case Operator.EQUAL | Operator.ONE_OF:
                return labels[self.key] in self.values
            case Operator.NOT_EQUAL | Operator.NONE_OF:
                return labels[self.key] not in self.values
            case Operator.EXISTS:
                return True
            case Operator.NOT_EXISTS:
                return False

    def __str__(self) -> str:
        return self.text

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[Any], handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Accept text or a constraint, and write the text back unchanged."""
        return core_schema.no_info_plain_validator_function(
            _validate, serialization=core_schema.plain_serializer_function_ser_schema(str)
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Describe the text form to API clients."""
        return {
            "type": "string",
            "title": "LabelConstraint",
            "description": "Requirement on the labels of a cluster",
            "examples": list(EXAMPLES),
        }


@cache
def _parser() -> Lark:
    # Imported and built at the first use: programs that only import the models start without the cost.
    from lark import Lark

    return Lark(_GRAMMAR, parser="lalr")


def _validate(value: Any) -> LabelConstraint:
    if isinstance(value, LabelConstraint):
        return value
    if not isinstance(value, str):
        raise PydanticCustomError(
            "label_constraint",
            "Invalid label constraint: {text} is not text. Right is, for example: {example}",
            {"text": repr(value)[:_LONGEST_SHOWN], "example": EXAMPLES[0]},
        )
    return LabelConstraint.parse(value)


def _problem(text: str, what: str) -> PydanticCustomError:
    listing = any(mark in text for mark in "(,)") or " in " in text
    shown = text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
    return PydanticCustomError(
        "label_constraint",
        "Invalid label constraint: {text}: {what}. Right is, for example: {example}",
        {"text": repr(shown), "what": what, "example": EXAMPLES[2 if listing else 0]},
    )


def _explain(error: UnexpectedInput) -> str:
    """Where the text goes wrong and what could stand there, in words."""
    from lark import UnexpectedToken

    if not isinstance(error, UnexpectedToken):
        return f"character {error.column} belongs to no operator"
    found = "" if error.token.type == "$END" else str(error.token)
    place = f"at character {error.column}, not {found!r}" if found else "at the end"
    return f"{_wanted(error.accepts)} is expected {place}"


def _wanted(accepted: set[str]) -> str:
    """The terminals that fit, in words."""
    if "WORD" in accepted:
        return "a word"
    if "IN" in accepted and "IS" not in accepted:
        return "in or exists"
    if "IS" in accepted:
        return _OPERATORS
    return " or ".join(shown for name, shown in _PUNCTUATION.items() if name in accepted)

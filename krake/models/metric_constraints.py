"""Metric constraints: the small language that says which values a cluster's metrics have to have.

| meaning | spelling, each also with `is` before and `to` after its words |
|---|---|
| equal | `load = 5`, `load == 5`, `load is 5`, `load equal to 5` |
| not equal | `load != 5`, `load is not 5`, `load not equal to 5` |
| greater | `load > 5`, `load gt 5`, `load greater than 5` |
| greater or equal | `load >= 5`, `load => 5`, `load gte 5`, `load greater than or equal 5` |
| less | `load < 5`, `load lt 5`, `load less than 5`, `load lesser than 5` |
| less or equal | `load <= 5`, `load =< 5`, `load lte 5`, `load less than or equal 5` |

The raw value of the metric is compared, as its provider gave it. A metric that is missing or failing matches
nothing, `!=` neither: what is unknown proves nothing. Signs need no blanks around them, words do. Values are
decimal numbers, with sign and exponent where wanted.
"""

from __future__ import annotations

import math
import operator as python
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import PydanticCustomError, core_schema

from krake.models.metadata import NAME

if TYPE_CHECKING:
    from lark import Lark, UnexpectedInput

EXAMPLES = ("load < 0.8", "latency is less than 20", "load >= -1.5", "free != 0")

# The key is the first word whatever it is, so it never competes with the operators' words.
_GRAMMAR = r"""
?start: KEY ("=" | "==" | _IS | _IS? _EQUAL _TO?) NUMBER                       -> equal
      | KEY ("!=" | _IS _NOT | _IS? _NOT _EQUAL _TO?) NUMBER                   -> not_equal
      | KEY (">" | _IS? _GT | _IS? _GREATER _THAN) NUMBER                      -> greater
      | KEY (">=" | "=>" | _IS? _GTE | _IS? _GREATER _THAN _OR _EQUAL _TO?) NUMBER -> at_least
      | KEY ("<" | _IS? _LT | _IS? _LESS _THAN) NUMBER                         -> less
      | KEY ("<=" | "=<" | _IS? _LTE | _IS? _LESS _THAN _OR _EQUAL _TO?) NUMBER -> at_most

KEY: /[^ \t,()=!<>]+/
NUMBER: /[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?(?![^ \t])/
_IS: /is(?![^ \t])/
_NOT: /not(?![^ \t])/
_EQUAL: /equal(?![^ \t])/
_GREATER: /greater(?![^ \t])/
_LESS: /less(er)?(?![^ \t])/
_THAN: /than(?![^ \t])/
_OR: /or(?![^ \t])/
_TO: /to(?![^ \t])/
_GT: /gt(?![^ \t])/
_GTE: /gte(?![^ \t])/
_LT: /lt(?![^ \t])/
_LTE: /lte(?![^ \t])/
%ignore /[ \t]+/
"""

_OPERATORS = "an operator (=, !=, >, >=, <, <=, is, is not, greater than, less than, …)"
_LONGEST_SHOWN = 120


class MetricOperator(StrEnum):
    """How a metric is compared; the value is the usual sign."""

    EQUAL = "="
    NOT_EQUAL = "!="
    GREATER = ">"
    AT_LEAST = ">="
    LESS = "<"
    AT_MOST = "<="

    @property
    def compare(self) -> Callable[[Any, Any], Any]:
        """The comparison itself, for numbers and for numpy's arrays of them."""
        return _COMPARE[self]


_COMPARE: dict[MetricOperator, Callable[[Any, Any], Any]] = {
    MetricOperator.EQUAL: python.eq,
    MetricOperator.NOT_EQUAL: python.ne,
    MetricOperator.GREATER: python.gt,
    MetricOperator.AT_LEAST: python.ge,
    MetricOperator.LESS: python.lt,
    MetricOperator.AT_MOST: python.le,
}


@dataclass(frozen=True, slots=True)
class MetricConstraint:
    """One requirement on a metric of a candidate; usable as the type of a pydantic field.

    Two constraints are equal when operator, metric and value are, however they were spelled.
    """

    operator: MetricOperator
    metric: str
    value: float
    text: str = field(compare=False)
    """The requirement as the user wrote it."""

    @classmethod
    def parse(cls, text: str) -> MetricConstraint:
        """Read a constraint as it is written.

        Raises:
            PydanticCustomError: (a ValueError) the text is no constraint; says where and shows a right one.
        """
        from lark import UnexpectedInput

        try:
            tree = _parser().parse(text)
        except UnexpectedInput as error:
            raise _problem(text, _explain(text, error)) from None
        metric, number = (str(leaf) for leaf in tree.scan_values(lambda _: True))
        if not NAME.fullmatch(metric):
            raise _problem(text, f"{metric!r} is not the name of a metric")
        value = float(number)
        if not math.isfinite(value):
            raise _problem(text, f"{number} is too large")
        return cls(MetricOperator[str(tree.data).upper()], metric, value, text)

    def matches(self, raw: float | None) -> bool:
        """Whether the raw value fulfils the constraint; a missing one (None) never does."""
        return raw is not None and not math.isnan(raw) and bool(self.operator.compare(raw, self.value))

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
            "title": "MetricConstraint",
            "description": "Requirement on the raw value of a metric of a cluster",
            "examples": list(EXAMPLES),
        }


@cache
def _parser() -> Lark:
    # Imported and built at the first use: programs that only import the models start without the cost.
    from lark import Lark

    return Lark(_GRAMMAR, parser="lalr")


def _validate(value: Any) -> MetricConstraint:
    if isinstance(value, MetricConstraint):
        return value
    if not isinstance(value, str):
        raise PydanticCustomError(
            "metric_constraint",
            "Invalid metric constraint: {text} is not text. Right is, for example: {example}",
            {"text": repr(value)[:_LONGEST_SHOWN], "example": EXAMPLES[0]},
        )
    return MetricConstraint.parse(value)


def _problem(text: str, what: str) -> PydanticCustomError:
    shown = text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
    return PydanticCustomError(
        "metric_constraint",
        "Invalid metric constraint: {text}: {what}. Right is, for example: {example}",
        {"text": repr(shown), "what": what, "example": EXAMPLES[0]},
    )


def _explain(text: str, error: UnexpectedInput) -> str:
    """Where the text goes wrong and what could stand there, in words."""
    from lark import UnexpectedCharacters, UnexpectedToken

    if isinstance(error, UnexpectedToken):
        allowed = set(error.accepts or error.expected)
        rest = "" if error.token.type == "$END" else str(error.token)
    else:
        allowed = set(error.allowed or ()) if isinstance(error, UnexpectedCharacters) else set()
        rest = text[(error.pos_in_stream or 0) :].split(" ")[0]
    shown = rest[:_LONGEST_SHOWN]
    place = f"at character {error.column}, not {shown!r}" if rest else "at the end"
    return f"{_wanted(allowed)} is expected {place}"


def _wanted(allowed: set[str]) -> str:
    """The terminals that fit, in words."""
    if "KEY" in allowed:
        return "the name of a metric"
    if "_IS" in allowed:
        return _OPERATORS
    words = sorted(name[1:].lower() for name in allowed if name.startswith("_"))
    choices = [*(["a number"] if "NUMBER" in allowed else []), *words]
    return " or ".join(choices) if choices else "the end"

"""The metric constraint grammar: every spelling, what matches, and messages that say what is wrong."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError

from krake.models.metric_constraints import EXAMPLES, MetricConstraint, MetricOperator

ADAPTER: TypeAdapter[MetricConstraint] = TypeAdapter(MetricConstraint)

WORDS = {
    MetricOperator.EQUAL: ["=", "==", "is", "equal to", "is equal to", "equal"],
    MetricOperator.NOT_EQUAL: ["!=", "is not", "not equal to", "is not equal to"],
    MetricOperator.GREATER: [">", "gt", "greater than", "is greater than"],
    MetricOperator.AT_LEAST: [
        *(">=", "=>", "gte", "greater than or equal", "is greater than or equal to"),
        "greater than or equal to",
    ],
    MetricOperator.LESS: ["<", "lt", "lesser than", "less than", "is less than", "is lesser than"],
    MetricOperator.AT_MOST: [
        *("<=", "=<", "lte", "lesser than or equal", "less than or equal to"),
        "is less than or equal to",
    ],
}
SPELLINGS = [(spelling, operator) for operator, spellings in WORDS.items() for spelling in spellings]


@pytest.mark.parametrize(("spelling", "operator"), SPELLINGS)
@pytest.mark.parametrize(("number", "value"), [("5", 5.0), ("-1.5", -1.5), ("+.25", 0.25), ("2.e-3", 0.002)])
def test_every_spelling_is_understood(
    spelling: str, operator: MetricOperator, number: str, value: float
) -> None:
    for text in (f"load {spelling} {number}", f"  load\t{spelling}   {number}\t"):
        constraint = ADAPTER.validate_python(text)
        assert (constraint.operator, constraint.metric, constraint.value) == (operator, "load", value)
        assert ADAPTER.dump_python(constraint) == text


@pytest.mark.parametrize(("spelling", "operator"), [one for one in SPELLINGS if not one[0][0].isalpha()])
def test_signs_need_no_blanks(spelling: str, operator: MetricOperator) -> None:
    constraint = ADAPTER.validate_python(f"load{spelling}-5")
    assert (constraint.operator, constraint.metric, constraint.value) == (operator, "load", -5)


@pytest.mark.parametrize(
    ("text", "metric"),
    [("is is 5", "is"), ("gt gt 5", "gt"), ("not not equal 5", "not"), ("a.b:c-d_e > 5", "a.b:c-d_e")],
)
def test_a_metric_may_have_any_name(text: str, metric: str) -> None:
    assert ADAPTER.validate_python(text).metric == metric


@pytest.mark.parametrize("text", EXAMPLES)
def test_the_examples_of_the_messages_are_right(text: str) -> None:
    assert ADAPTER.validate_python(text).text == text


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "the name of a metric is expected at the end"),
        (
            "load",
            "an operator (=, !=, >, >=, <, <=, is, is not, greater than, less than, …) is expected",
        ),
        ("load 5", "is expected at character 6, not '5'"),
        ("load IS 5", "is expected at character 6, not 'IS'"),
        ("load in (5)", "is expected at character 6, not 'in'"),
        ("load is", "a number or equal"),
        ("load > high", "a number is expected at character 8, not 'high'"),
        ("load > nan", "a number is expected at character 8, not 'nan'"),
        ("load > \u0665", "a number is expected"),
        ("load > 5%", "a number is expected at character 8, not '5%'"),
        ("load >> 5", "a number is expected at character 7, not '>'"),
        ("load = >5", "a number is expected at character 8, not '>'"),
        ("load gt5", "is expected at character 6, not 'gt5'"),
        ("load > 5 6", "the end is expected at character 10, not '6'"),
        ("load greater 5", "than is expected at character 14, not '5'"),
        ("load not 5", "equal is expected at character 10, not '5'"),
        ("= 5", "the name of a metric is expected at character 1, not '='"),
        ("-load > 5", "'-load' is not the name of a metric"),
        ("load > 1e999", "1e999 is too large"),
    ],
)
def test_a_wrong_constraint_is_refused_with_place_and_example(text: str, where: str) -> None:
    with pytest.raises(ValidationError) as failure:
        ADAPTER.validate_python(text)
    message = failure.value.errors()[0]["msg"]
    assert message.startswith(f"Invalid metric constraint: {text!r}: ")
    assert where in message
    example = message.partition("Right is, for example: ")[2]
    assert ADAPTER.validate_python(example).text == example


@pytest.mark.parametrize("value", [None, 1, True, 1.5, [], {}, b"load > 5"])
def test_only_text_is_accepted(value: object) -> None:
    with pytest.raises(ValidationError, match=r"Invalid metric constraint: .* is not text"):
        ADAPTER.validate_python(value)


@pytest.mark.parametrize(
    ("operator", "matching"),
    [("=", [5]), ("!=", [4, 6]), (">", [6]), (">=", [5, 6]), ("<", [4]), ("<=", [4, 5])],
)
def test_raw_values_are_compared_and_what_is_missing_never_matches(
    operator: str, matching: list[int]
) -> None:
    constraint = MetricConstraint.parse(f"load {operator} 5")
    assert [raw for raw in (4, 5, 6) if constraint.matches(raw)] == matching
    assert not constraint.matches(None)
    assert not constraint.matches(math.nan)


def test_equality_is_by_meaning_and_not_by_spelling() -> None:
    one, other = MetricConstraint.parse("load > 5"), MetricConstraint.parse("load is greater than 5.0")
    assert one == other
    assert hash(one) == hash(other)
    assert one != MetricConstraint.parse("load >= 5")


def test_it_is_a_field_that_round_trips() -> None:
    class Spec(BaseModel):
        metrics: list[MetricConstraint]

    document = {"metrics": ["load  is greater than 5", "latency<-1"]}
    assert Spec.model_validate(document).model_dump(mode="json") == document
    assert Spec.model_json_schema()["properties"]["metrics"]["items"]["type"] == "string"


@given(st.text(max_size=40))
def test_any_text_is_understood_or_refused(text: str) -> None:
    try:
        assert MetricConstraint.parse(text).text == text
    except ValueError as error:
        assert "Invalid metric constraint" in str(error)
